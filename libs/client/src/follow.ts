import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Connection } from '@temporalio/client';
import type { RunProgress, RunResult } from '@temper/contracts';
import { liveStages, type LiveStage } from './live.js';
import { runResult, statusOf } from './result.js';

/** One look at a run. `result` is there exactly once, in the last. */
export interface RunSnapshot {
  readonly runId: string;
  /** Undefined until a worker has answered for the first time. */
  readonly progress?: RunProgress | undefined;
  readonly live: readonly LiveStage[];
  /** No worker answers: the run waits. */
  readonly waitingForWorker: boolean;
  readonly result?: RunResult | undefined;
}

export interface FollowOptions {
  /** Milliseconds between looks. */
  readonly interval?: number;
  readonly signal?: AbortSignal;
}

/** A query without a worker would hang: it is given up after this many milliseconds. */
const QUERY_DEADLINE = 3_000;

/** Yields until the run has ended or the signal fires; the server going away for a while is waited out. */
export async function* follow(
  client: Client,
  connection: Connection,
  runId: string,
  { interval = 500, signal }: FollowOptions = {},
): AsyncGenerator<RunSnapshot> {
  const handle = client.workflow.getHandle(runId);
  let progress: RunProgress | undefined;
  while (!signal?.aborted) {
    const description = await handle.describe();
    if (statusOf(description.status.name) !== 'running') {
      const result = await runResult(client.workflow.getHandle(runId), runId);
      yield { runId, progress, live: [], waitingForWorker: false, result };
      return;
    }
    const [answer, live] = await Promise.all([
      queryProgress(client, connection, runId),
      liveStages(client, description),
    ]);
    progress = answer ?? progress;
    yield { runId, progress, live, waitingForWorker: answer === undefined };
    await sleep(interval, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

/** The workflow's own account; undefined where no worker answers in time. */
export async function queryProgress(
  client: Client,
  connection: Connection,
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
