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
  options: { detach?: boolean },
): Promise<number> {
  if (options.detach) await ensureUp(terminal);
  await using session = await openSession(terminal);
  const { spec } = await session.client.show(runId);
  const restarted = await session.client.retry(runId);
  terminal.note(
    restarted ? 'started again; finished stages are cached' : 'the run is still open: it goes on',
  );
  if (options.detach) {
    terminal.answer({ runId, status: 'running' }, () => undefined);
    return 0;
  }
  await session.ensureWorkers(spec ? poolsOf(spec) : ['cpu']);
  return exitCodeOf(await followRun(terminal, session, runId));
}
