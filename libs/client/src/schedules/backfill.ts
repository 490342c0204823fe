import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ScheduleHandle } from '@temporalio/client';
import { TemperError, type Problem } from '@temper/contracts';
import { compileOverlap } from './policies.js';
import { compileMoment } from './timezone.js';

export interface BackfillOptions {
  readonly overlap?: string | undefined;
  /** More starts than this are refused; default 100. */
  readonly maxStarts?: number | undefined;
  /** Only what would be started. */
  readonly preview?: boolean | undefined;
}

const DEFAULT_MAX_STARTS = 100;
/** The server names no more of them. */
const MOST_NAMED = 1000;

/** The server's own account of the starts between two moments (both included), at most 1,000, in milliseconds. */
export async function matchingTimes(client: Client, id: string, from: number, to: number): Promise<number[]> {
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace: client.options.namespace,
    scheduleId: id,
    // The first moment itself is not named.
    startTime: timestamp(from - 1),
    endTime: timestamp(to),
  });
  return (startTime ?? []).map((t) => Number(t.seconds ?? 0) * 1000 + (t.nanos ?? 0) / 1e6);
}

const timestamp = (time: number) => {
  const seconds = Math.floor(time / 1000);
  return { seconds: seconds as never, nanos: Math.round((time - seconds * 1000) * 1e6) };
};

/** Starts the runs of a time that is over; returns their times. */
export async function backfill(
  client: Client,
  handle: ScheduleHandle,
  [from, to]: readonly [string, string],
  { overlap = 'buffer-all', maxStarts = DEFAULT_MAX_STARTS, preview = false }: BackfillOptions,
): Promise<readonly string[]> {
  const problems: Problem[] = [];
  const [start, end] = [compileMoment('--from', from, problems), compileMoment('--to', to, problems)];
  const policy = compileOverlap(overlap, problems);
  if (!problems.length) problems.push(...rangeProblems(start, end, from, to));
  if (!Number.isInteger(maxStarts) || maxStarts < 1)
    problems.push({ path: '--max-starts', message: 'not a number of starts', found: String(maxStarts) });
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  const times = await matchingTimes(client, handle.scheduleId, start.getTime(), end.getTime());
  if (times.length > maxStarts || times.length === 0) throw numberRefused(times.length, maxStarts, from, to);
  if (!preview) await handle.backfill({ start, end, overlap: policy });
  return times.map((time) => new Date(time).toISOString());
}

function rangeProblems(start: Date, end: Date, from: string, to: string): Problem[] {
  const now = new Date();
  if (start > end) {
    return [{ path: '--to', message: 'before --from', found: to, allowed: `${from} or later` }];
  }
  if (end <= now) return [];
  const message = 'a backfill starts the runs of a time that is over, and this is still to come';
  return [{ path: '--to', message, found: to, allowed: `up to ${now.toISOString().slice(0, 19)}Z` }];
}

function numberRefused(count: number, maxStarts: number, from: string, to: string): TemperError {
  if (!count) {
    const message = 'the schedule has no start between these times';
    return new TemperError('SPEC_INVALID', { path: '--from', message, found: `${from} to ${to}` });
  }
  const found = `${count}${count >= MOST_NAMED ? ' or more' : ''}`;
  return new TemperError('SPEC_INVALID', {
    path: '--max-starts',
    message: 'these are more starts than are allowed',
    found,
    allowed: `at most ${maxStarts}`,
    hint: `a shorter time, or --max-starts ${found.replace(/ .*/, '')}; --preview shows the times`,
  });
}

export interface StoppedBackfill {
  /** Runs that were ended, those among them that had only just been started from the queue. */
  readonly ended: readonly string[];
  /** Starts that still wait behind a run that is not a backfill's. */
  readonly waiting: number;
}

/** How long a run may take to end in good order. */
const GRACE_MS = 30_000;
const PAUSE_MS = 150;

/**
 * Ends the runs of a backfill and drops those that wait. The server has no word for that: each that waits is let start and
 * ended at once. A backfill's run is one whose time (the end of its id) is further back than the catch-up window.
 */
export async function stopBackfill(client: Client, handle: ScheduleHandle): Promise<StoppedBackfill> {
  /** By run: until when it may end in good order. */
  const endings = new Map<string, number>();
  for (;;) {
    const { raw, info, policies } = await handle.describe();
    const waiting = Number(raw.info?.bufferSize ?? 0);
    const running = info.runningActions.map((action) => action.workflow.workflowId);
    const ours = running.filter((id) => plannedAt(id) < Date.now() - policies.catchupWindow);
    if (!ours.length && (!waiting || running.length)) return { ended: [...endings.keys()], waiting };
    for (const runId of ours) await endRun(client, runId, endings);
    await sleep(PAUSE_MS);
  }
}

/** The first in good order, with a checkpoint; those after it have only just begun and have nothing to lose. */
async function endRun(client: Client, runId: string, endings: Map<string, number>): Promise<void> {
  const run = client.workflow.getHandle(runId);
  const first = endings.size === 0;
  const until = endings.get(runId);
  if (until !== undefined && Date.now() < until) return;
  endings.set(runId, Date.now() + GRACE_MS);
  // It may have ended meanwhile.
  await (first ? run.cancel() : run.terminate('the backfill was stopped')).catch(() => undefined);
}

/** The end of a scheduled run's id is the time that it is the start of. */
function plannedAt(runId: string): number {
  const time = /-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(runId)?.[1];
  return time ? Date.parse(time) : Infinity;
}
