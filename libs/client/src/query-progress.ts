import type { Client, ConnectionLike } from '@temporalio/client';
import type { RunProgress } from '@temper/contracts';

/** A query without a worker would hang: it is given up after this many milliseconds. */
const QUERY_DEADLINE = 3_000;

/** The workflow's own account; undefined where no worker answers in time. */
export async function queryProgress(
  client: Client,
  connection: ConnectionLike,
  runId: string,
): Promise<RunProgress | undefined> {
  try {
    return await connection.withDeadline(Date.now() + QUERY_DEADLINE, () =>
      client.workflow.getHandle(runId).query<RunProgress>('progress'),
    );
  } catch {
    return undefined;
  }
}
