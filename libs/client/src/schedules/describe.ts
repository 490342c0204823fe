import type { Client, ScheduleDescription } from '@temporalio/client';
import type { RunStatus } from '@temper/contracts';
import type { FineTuneInput, PipelineSpec } from '@temper/spec';
import { statusAs } from '../attributes.js';
import { statusOf } from '../result.js';
import { durationText } from './duration.js';
import { overlapName, type Overlap } from './policies.js';
import { timesOf } from './words.js';

export interface ScheduledRun {
  readonly runId: string;
  /** When it should have started, jitter included, and when it did. */
  readonly plannedAt: string;
  readonly at: string;
  /** Undefined where the server has forgotten the run. */
  readonly status?: RunStatus | undefined;
}

/** All that is known about a schedule; times in UTC. */
export interface ScheduleInfo {
  readonly id: string;
  readonly pipeline: string;
  readonly times: string;
  readonly timezone: string;
  readonly jitter?: string | undefined;
  readonly startAt?: string | undefined;
  readonly endAt?: string | undefined;
  readonly overlap: Overlap;
  readonly catchupWindow: string;
  readonly pauseOnFailure: boolean;
  readonly onlyNewData: boolean;
  readonly paused: boolean;
  readonly note?: string | undefined;
  /** Starts that are left; undefined: no limit. */
  readonly remainingActions?: number | undefined;
  readonly started: number;
  /** Starts that did not happen: the run before still went on; the server was down for too long. */
  readonly skipped: number;
  readonly missed: number;
  readonly running: readonly string[];
  /** Oldest first, as many as the server remembers. */
  readonly recent: readonly ScheduledRun[];
  readonly next: readonly string[];
  /** Starts that clock changes leave out or double, in words; only where one schedule is shown. */
  readonly daylight?: readonly string[] | undefined;
  readonly createdAt: string;
  readonly updatedAt?: string | undefined;
  readonly spec?: PipelineSpec | undefined;
}

const NEXT = 5;
const iso = (date: Date | undefined) => date?.toISOString();

/** `last`: of how many runs the status is asked. */
export async function scheduleInfo(
  client: Client,
  id: string,
  d: ScheduleDescription,
  last = 10,
): Promise<ScheduleInfo> {
  const { spec: times, policies, state, info } = d;
  const input = d.action.args?.[0] as FineTuneInput | undefined;
  const recent = await Promise.all(
    info.recentActions.map(async ({ scheduledAt, takenAt, action }, i, all): Promise<ScheduledRun> => {
      const runId = action.workflow.workflowId;
      const status = i < all.length - last ? undefined : await runStatus(client, runId);
      return { runId, plannedAt: iso(scheduledAt)!, at: iso(takenAt)!, status };
    }),
  );
  return {
    id,
    pipeline: input?.spec.name ?? id,
    times: timesOf(times),
    timezone: times.timezone || 'UTC',
    jitter: times.jitter ? durationText(times.jitter) : undefined,
    startAt: iso(times.startAt),
    endAt: iso(times.endAt),
    overlap: overlapName(policies.overlap),
    catchupWindow: durationText(policies.catchupWindow),
    pauseOnFailure: policies.pauseOnFailure,
    onlyNewData: input?.onlyNewData === true,
    paused: state.paused,
    note: state.note || undefined,
    remainingActions: state.remainingActions,
    started: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
    running: info.runningActions.map((action) => action.workflow.workflowId),
    recent,
    // The server names them for a paused schedule too.
    next: state.paused ? [] : info.nextActionTimes.slice(0, NEXT).map((date) => date.toISOString()),
    createdAt: iso(info.createdAt)!,
    updatedAt: iso(info.lastUpdatedAt),
    spec: input?.spec,
  };
}

async function runStatus(client: Client, runId: string): Promise<RunStatus | undefined> {
  try {
    const { status, typedSearchAttributes } = await client.workflow.getHandle(runId).describe();
    return statusAs(statusOf(status.name), typedSearchAttributes as Parameters<typeof statusAs>[1]);
  } catch {
    return undefined;
  }
}
