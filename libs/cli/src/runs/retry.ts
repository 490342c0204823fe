import { nearest, stageNames } from '@temper/contracts';
import { usageError } from '../failure.js';
import { followRun } from '../pipeline/follow-run.js';
import { exitCodeOf } from '../pipeline/outcome.js';
import { poolsOf } from '../pipeline/run-spec.js';
import { ensureUp } from '../services/background.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

/** A run that is still open (its worker went away) needs no new start: a worker is enough. */
export async function retryRun(
  terminal: Terminal,
  runId: string,
  options: { detach?: boolean; from?: string },
): Promise<number> {
  const from = stageNames.find((name) => name === options.from);
  if (options.from !== undefined && !from) {
    const close = nearest(options.from, stageNames);
    throw usageError('--from', 'no such stage', {
      found: options.from,
      allowed: stageNames.join(', '),
      ...(close ? { hint: `did you mean ${close}?` } : {}),
    });
  }
  if (options.detach) await ensureUp(terminal);
  await using session = await openSession(terminal);
  const { spec } = await session.client.show(runId);
  const restarted = await session.client.retry(runId, { from });
  terminal.note(
    from
      ? `started again: ${from} and all after it are done fresh`
      : restarted
        ? 'started again; finished stages are cached'
        : 'the run is still open: it goes on',
  );
  if (options.detach) {
    terminal.answer({ runId, status: 'running' }, () => undefined);
    return 0;
  }
  await session.ensureWorkers(spec ? poolsOf(spec) : ['cpu']);
  return exitCodeOf(await followRun(terminal, session, runId));
}
