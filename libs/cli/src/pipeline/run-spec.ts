import { newRunId } from '@temper/client';
import { heldBy } from '@temper/storage';
import { shownSpec, type PipelineSpec } from '@temper/spec';
import type { Provider } from '@temper/contracts';
import { pc } from '../style.js';
import { preflight, preflightInStore } from '../preflight/preflight.js';
import { uncheckedWhere } from '../elsewhere/here.js';
import { storeSources } from '../elsewhere/store-sources.js';
import { ensureUp } from '../services/background.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { followRun } from './follow-run.js';
import { exitCodeOf } from './outcome.js';

export interface RunOptions {
  readonly detach?: boolean;
  readonly fresh?: boolean;
  readonly check?: boolean;
}

/** Checks everything, then submits and follows. Nothing is queued, nor any server started, for a spec with mistakes. */
export async function runSpec(terminal: Terminal, input: unknown, options: RunOptions): Promise<number> {
  const checked = await preflight(input);
  const { summary, warnings } = checked;
  for (const line of summary) terminal.note(line);
  for (const line of warnings) terminal.warn(line);
  if (options.check) {
    terminal.answer({ status: 'valid', spec: shownSpec(checked.spec), summary, warnings }, () =>
      terminal.say(`${pc.green('✔')} the spec can run`),
    );
    return 0;
  }
  if (options.detach) await ensureUp(terminal);
  await using session = await openSession(terminal);
  const { spec: found, unseen } = await preflightInStore(input, checked);
  const runId = newRunId(found.name);
  const { spec } = await heldBy(runId, () => storeSources(terminal, session, found));
  await session.client.submit(spec, {
    runId,
    fresh: options.fresh === true,
    ...uncheckedWhere(unseen),
  });
  if (options.detach) {
    terminal.answer({ runId, status: 'running' }, () => {
      terminal.say(`${pc.green('✔')} queued ${pc.bold(runId)}`);
      terminal.note(`temper runs show ${runId} tells how it goes`);
    });
    return 0;
  }
  await session.ensureWorkers(poolsOf(spec));
  return exitCodeOf(await followRun(terminal, session, runId));
}

/** Every run needs the CPU worker; one that asks for a device needs that pool's besides. */
export const poolsOf = ({ resources: { pool } }: PipelineSpec): Provider[] =>
  pool === 'auto' || pool === 'cpu' ? ['cpu'] : ['cpu', pool];
