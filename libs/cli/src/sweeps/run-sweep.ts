import { newRunId } from '@temper/client';
import { heldBy } from '@temper/storage';
import { shownSpec } from '@temper/spec';
import { pc } from '../style.js';
import { exitCodes } from '../exit-codes.js';
import { exitCodeOf } from '../pipeline/outcome.js';
import { poolsOf } from '../pipeline/run-spec.js';
import { uncheckedWhere } from '../elsewhere/here.js';
import { storeSources } from '../elsewhere/store-sources.js';
import { ensureUp } from '../services/background.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { checkSweep, checkSweepInStore } from './check.js';
import { followSweep } from './follow.js';

export interface SweepOptions {
  readonly detach?: boolean;
  readonly check?: boolean;
}

/** Checks everything, then submits and follows. Nothing is queued, nor any server started, for a sweep with mistakes. */
export async function runSweep(
  terminal: Terminal,
  input: Record<string, unknown>,
  options: SweepOptions,
): Promise<number> {
  const checked = await checkSweep(input);
  const { summary, warnings } = checked;
  for (const line of summary) terminal.note(line);
  for (const line of warnings) terminal.warn(line);
  if (options.check) {
    const shown = { ...checked.spec, pipeline: shownSpec(checked.spec.pipeline) };
    terminal.answer({ status: 'valid', spec: shown }, () =>
      terminal.say(`${pc.green('✔')} the sweep can run`),
    );
    return exitCodes.done;
  }
  if (options.detach) await ensureUp(terminal);
  await using session = await openSession(terminal);
  const { spec: found, unseen } = await checkSweepInStore(input, checked);
  const sweepId = newRunId(found.name);
  const { spec: pipeline } = await heldBy(sweepId, () => storeSources(terminal, session, found.pipeline));
  const spec = { ...found, pipeline };
  await session.client.sweeps.start(spec, { sweepId, ...uncheckedWhere(unseen) });
  if (options.detach) {
    terminal.answer({ sweepId, status: 'running' }, () => {
      terminal.say(`${pc.green('✔')} queued ${pc.bold(sweepId)}`);
      terminal.note(`temper sweep show ${sweepId} tells how it goes`);
    });
    return exitCodes.done;
  }
  await session.ensureWorkers(poolsOf(spec.pipeline));
  return exitCodeOf(await followSweep(terminal, session, sweepId));
}
