import type { Rebuilding } from '@temper/client';
import { changeWords, engineWords, type Rebuilt, type RunResult } from '@temper/contracts';
import { exitCodes } from '../exit-codes.js';
import { followRun } from '../pipeline/follow-run.js';
import { exitCodeOf } from '../pipeline/outcome.js';
import { poolsOf } from '../pipeline/run-spec.js';
import { openSession } from '../services/session.js';
import { pc } from '../style.js';
import type { Terminal } from '../terminal.js';

const codeOfVerdict = {
  equal: exitCodes.done,
  changed: exitCodes.failed,
  unknown: exitCodes.unknown,
} as const;

/** Makes a version again from its lineage alone, and says whether it is the same. */
export async function rebuildModel(
  terminal: Terminal,
  reference: string,
  { anyway = false }: { anyway?: boolean },
): Promise<number> {
  await using session = await openSession(terminal);
  const rebuilding = await session.client.rebuild(reference, { anyway });
  sayFrom(terminal, rebuilding);
  const { runId, spec } = rebuilding;
  await session.ensureWorkers(poolsOf(spec));
  const result = await followRun(terminal, session, runId, { answer: false });
  const verdict = result && verdictOf(result);
  if (!result || !verdict) {
    if (result) terminal.answer(result, () => undefined);
    return exitCodeOf(result);
  }
  const { version } = rebuilding;
  const answer = { name: version.name, version: version.version, runId, was: version.digest, ...verdict };
  terminal.answer(answer, () => sayEnd(terminal, rebuilding, result));
  return codeOfVerdict[verdict.verdict];
}

type Said = Pick<Rebuilt, 'verdict'> & (Partial<Rebuilt> | Pick<RunResult, 'error'>);

/** Undefined: the run ended otherwise, and says how. */
function verdictOf({ rebuilt, error }: RunResult): Said | undefined {
  if (rebuilt) return rebuilt;
  return error?.code === 'ENGINE_DIFFERS' ? { verdict: 'unknown', error } : undefined;
}

/** Before it trains. */
function sayFrom(terminal: Terminal, { version, lineage }: Rebuilding): void {
  const { engine, code, changes = [], forkedFrom } = lineage;
  const by = engine ? engineWords(engine) : 'an engine that was not recorded';
  terminal.note(`${version.name}:${version.version} was trained by ${by}${code ? `, ${code}` : ''}`);
  terminal.note(`data set ${lineage.dataset}, spec ${lineage.spec}`);
  if (forkedFrom) terminal.note(`from step ${forkedFrom.step} of ${forkedFrom.runId} on`);
  for (const change of changes) terminal.note(`${changeWords(change)} after step ${change.step}, as it was`);
}

function sayEnd(terminal: Terminal, { version, runId }: Rebuilding, { rebuilt }: RunResult): void {
  const name = `${version.name}:${version.version}`;
  if (!rebuilt) {
    terminal.say(
      `${pc.yellow('?')} it cannot be told here whether ${name} would be the same: nothing was trained`,
    );
    terminal.note(`temper models rebuild ${name} --anyway trains all the same, and compares`);
    return;
  }
  const { verdict, digest, differences, why = '' } = rebuilt;
  for (const { what, was, is } of differences) terminal.say(`  ${what}: was ${was}, is ${is}`);
  if (verdict === 'equal')
    terminal.say(`${pc.green('✔')} equal: ${runId} made ${name} again, ${pc.dim(digest)}`);
  if (verdict === 'changed') terminal.say(`${pc.red('✖')} different: ${runId} did not make ${name} again`);
  if (verdict === 'unknown') terminal.say(`${pc.yellow('?')} different, ${why}: so it cannot be told`);
}
