import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ConnectionLike } from '@temporalio/client';
import type { RunProgress, RunResult } from '@temper/contracts';
import { endedRun } from './ended-run.js';
import { liveStages, type LiveStage } from './live.js';
import { Outage } from './outage.js';
import { queryProgress } from './query-progress.js';
import { statusOf, unknownResult } from './result.js';

/** One look at a run. `result` is there exactly once, in the last. */
export interface RunSnapshot {
  readonly runId: string;
  /** Undefined until a worker has answered for the first time. */
  readonly progress?: RunProgress | undefined;
  readonly live: readonly LiveStage[];
  /** No worker answers: the run waits. */
  readonly waitingForWorker: boolean;
  /** The server has been out of reach since then; what is shown is what was last seen. */
  readonly lostSince?: Date | undefined;
  readonly result?: RunResult | undefined;
}

export interface FollowOptions {
  /** Milliseconds between looks. */
  readonly interval?: number;
  /** Milliseconds for which a server that is out of reach is waited for; default ten minutes. */
  readonly patience?: number;
  readonly signal?: AbortSignal;
}

/**
 * Yields until the run has ended or the signal fires. A server that goes away is told (`lostSince`) and waited for; after
 * `patience` the last snapshot has a result of status `unknown`: the run itself may well go on.
 */
export async function* follow(
  client: Client,
  connection: ConnectionLike,
  runId: string,
  { interval = 500, patience, signal }: FollowOptions = {},
): AsyncGenerator<RunSnapshot> {
  const outage = new Outage(connection, patience);
  let last: RunSnapshot = { runId, live: [], waitingForWorker: false };
  const asked: Asked = { events: 0, at: 0 };
  while (!signal?.aborted) {
    const seen = await outage.look(() => look(client, connection, last, asked));
    if (seen) last = seen;
    const lost = { ...last, lostSince: outage.since };
    if (outage.over) yield { ...lost, live: [], result: unknownResult(runId, last.progress) };
    else yield seen ?? lost;
    if (seen?.result || outage.over) return;
    await sleep(interval, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

/** When the workflow was last asked, and how long its history was then. */
interface Asked {
  events: number;
  at: number;
}

/** Milliseconds after which it is asked again though its history is no longer: a worker may be gone by then. */
const ASK_AGAIN = 5_000;

/**
 * A query wakes a worker (and Temporal Cloud bills it), and what it would tell follows from the history: it is sent when that has
 * grown, and every few seconds. How far a stage is, its heartbeats tell; these are in the description.
 */
async function look(
  client: Client,
  connection: ConnectionLike,
  { runId, progress: known, waitingForWorker }: RunSnapshot,
  asked: Asked,
): Promise<RunSnapshot> {
  const description = await client.workflow.getHandle(runId).describe();
  if (statusOf(description.status.name) !== 'running') {
    const result = await endedRun(client, connection, runId, known);
    return { runId, progress: known, live: [], waitingForWorker: false, result };
  }
  const { historyLength } = description;
  const live = liveStages(client, description);
  if (!waitingForWorker && historyLength === asked.events && performance.now() - asked.at < ASK_AGAIN) {
    return { runId, progress: known, live: await live, waitingForWorker };
  }
  const answer = await queryProgress(client, connection, runId);
  if (answer) Object.assign(asked, { events: historyLength, at: performance.now() });
  return { runId, progress: answer ?? known, live: await live, waitingForWorker: answer === undefined };
}
