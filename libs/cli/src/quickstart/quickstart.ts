import { pc } from '../style.js';
import { followRun } from '../pipeline/follow-run.js';
import { exitCodeOf } from '../pipeline/outcome.js';
import { predictWith } from '../predict/predict.js';
import { preflight } from '../preflight/preflight.js';
import { duration } from '../report/format.js';
import { openSession } from '../services/session.js';
import { tidyUp } from '../store/gc.js';
import type { Terminal } from '../terminal.js';
import { fastQuickstartSpec, quickstartSpec, unseenMail } from './spec.js';

export interface QuickstartOptions {
  readonly fast?: boolean;
  readonly spec?: boolean;
}

/** The main job on real data: every part of Temper once, as `temper run` does it, and a prediction at the end. */
export async function quickstart(terminal: Terminal, options: QuickstartOptions): Promise<number> {
  const input = options.fast ? fastQuickstartSpec : quickstartSpec;
  if (options.spec) return printSpec(input);
  const begun = Date.now();
  terminal.say(pc.bold('Temper quickstart: spam against ham'));
  terminal.say(`  model  ${input.model.base} (MiniLM, 22M parameters)`);
  terminal.say(`  data   ${input.dataset.train} (6,046 real mails)`);
  terminal.say();
  terminal.note('fetching what is not cached yet, and checking it');
  const { spec, summary, warnings } = await preflight(input);
  for (const line of summary) terminal.note(line);
  for (const line of warnings) terminal.warn(line);
  await using session = await openSession(terminal);
  if (session.uiUrl) {
    terminal.say(
      `Temporal UI  ${pc.cyan(session.uiUrl)}${session.temporary ? pc.dim('  (while this runs)') : ''}`,
    );
  }
  await session.ensureWorkers(['cpu']);
  const runId = await session.client.submit(spec);
  const result = await followRun(terminal, session, runId, { answer: false });
  if (result?.status !== 'completed' || !result.model) {
    if (result) terminal.answer(result, () => undefined);
    return exitCodeOf(result);
  }
  const reference = `${result.model.name}:${result.model.version}`;
  const [prediction] = await predictWith(session, reference, [{ text: unseenMail }]);
  terminal.say();
  terminal.say('a mail it has never seen:');
  for (const line of unseenMail.split('\n').slice(0, 3).filter(Boolean)) terminal.say(pc.dim(`  │ ${line}`));
  await tidyUp(terminal, session);
  const sure = prediction!.score === undefined ? '' : ` (${(prediction!.score * 100).toFixed(1)}%)`;
  terminal.say(`  → ${pc.bold(String(prediction!.label))}${sure}`);
  terminal.say();
  terminal.say(`done in ${duration((Date.now() - begun) / 1000)}. Next:`);
  terminal.say(`  temper predict ${reference} "your own text"`);
  terminal.say(`  temper models export ${reference} ./spam-filter`);
  terminal.say('  temper quickstart --spec > mail.yaml   a spec to start from; then temper run mail.yaml');
  if (session.temporary)
    terminal.say('  temper up                              keeps Temporal, its UI and S3 running');
  terminal.answer({ ...result, prediction }, () => undefined);
  return 0;
}

async function printSpec(input: object): Promise<number> {
  const { stringify } = await import('yaml');
  process.stdout.write(stringify(input));
  return 0;
}
