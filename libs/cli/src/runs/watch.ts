import { followRun } from '../pipeline/follow-run.js';
import { exitCodeOf } from '../pipeline/outcome.js';
import { poolsOf } from '../pipeline/run-spec.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

/** Follows a run from any shell, whoever started it; of one that has ended the end is shown. */
export async function watchRun(terminal: Terminal, runId: string): Promise<number> {
  await using session = await openSession(terminal);
  const { spec, result } = await session.client.show(runId);
  if (!result) await session.ensureWorkers(spec ? poolsOf(spec) : ['cpu']);
  return exitCodeOf(await followRun(terminal, session, runId));
}
