import type { PipelineSpec } from '@temper/spec';
import { pc } from '../style.js';
import { usageError } from '../failure.js';
import { followRun } from '../pipeline/follow-run.js';
import { exitCodeOf } from '../pipeline/outcome.js';
import { poolsOf } from '../pipeline/run-spec.js';
import { ensureUp } from '../services/background.js';
import { openSession } from '../services/session.js';
import { applySetting } from '../spec/read.js';
import type { Terminal } from '../terminal.js';

export async function forkRun(
  terminal: Terminal,
  from: string,
  options: { step?: string; set: string[]; detach?: boolean },
): Promise<number> {
  const step = options.step === undefined ? undefined : Number(options.step);
  if (step !== undefined && !(Number.isInteger(step) && step >= 0)) {
    throw usageError('--step', 'not a step', {
      found: options.step!,
      hint: `temper runs checkpoints ${from}`,
    });
  }
  const edit = (spec: PipelineSpec) => {
    for (const setting of options.set) applySetting(spec as unknown as Record<string, unknown>, setting);
    return spec;
  };
  if (options.detach) await ensureUp(terminal);
  await using session = await openSession(terminal);
  const { runId, spec, fork } = await session.client.fork(from, { step, edit });
  terminal.note(`forked from ${from} at step ${fork.step}`);
  if (options.detach) {
    terminal.answer({ runId, status: 'running', forkedFrom: fork }, () =>
      terminal.say(`${pc.green('✔')} queued ${pc.bold(runId)}`),
    );
    return 0;
  }
  await session.ensureWorkers(poolsOf(spec));
  return exitCodeOf(await followRun(terminal, session, runId));
}
