import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { StageContext, WorkerVersion } from '@temper/activity';
import type { DevicePorts } from '@temper/activity-device';
import { type Problem, type StageHeartbeat } from '@temper/contracts';
import { type TrainInput } from '@temper/spec';
import { Preemptions } from './preemptions.js';

/** Milliseconds between two looks at the queue. */
const LOOK = 2_000;
/** Milliseconds until the first look of a run that gave way before: before its trainer has started. */
const FIRST_LOOK = 500;
/** temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY */
const ACTIVITY_TASKS = 2;
/** The largest priority number: such a run gives way at once, one of a smaller number a look later for each step. */
const LAST = 5;
/** Looks that have to find somebody: a task that a free device is about to take is in the backlog for a moment too. */
const LOOKS = 2;
/** Looks more where somebody waits since before the device was given away: whoever it is may not be able to take it. */
const IN_VAIN = 30;
/** Milliseconds in the queue before a run that gave way may have the device again. */
const AWAY = 1_000;

/** Who waits in this worker's queue at one priority; `age` in milliseconds, of the one that waits longest. */
export interface Waiting {
  readonly count: number;
  readonly age: number;
}
/** By the priority number. */
export type Backlog = () => Promise<ReadonlyMap<number, Waiting>>;

export interface Yielding extends AsyncDisposable {
  /** Aborted with PREEMPTED when a run of a smaller priority number needs the device. */
  readonly signal: AbortSignal;
}

export interface YieldingOptions {
  readonly look?: number;
  readonly backlog?: Backlog;
}

/**
 * Watches the queue while a preemptible run trains. The run that waits longest is not known here, only how many wait at
 * which priority; so every device of the pool asks the same question and `Preemptions` sees to it that no more of them
 * give way than runs are waiting.
 */
export function yielding(
  { store, version }: Pick<DevicePorts, 'store' | 'version'>,
  { runId, spec: { resources } }: TrainInput,
  { info, log, report }: StageContext,
  { look = LOOK, ...options }: YieldingOptions = {},
): Yielding {
  const abort = new AbortController();
  if (!resources.preemptible) return { signal: abort.signal, [Symbol.asyncDispose]: async () => {} };
  const backlog = options.backlog ?? backlogOf(info.taskQueue, version?.());
  const preemptions = new Preemptions(store, info.taskQueue);
  const before = (info.heartbeatDetails ?? {}) as Partial<StageHeartbeat>;
  const looks = LOOKS + LAST - resources.priority;
  const cameBack = before.preempted === true;
  const left = info.currentAttemptScheduledTimestampMs - AWAY;
  // The run that took its place comes back at once, with its evaluation.
  let seen = cameBack ? looks - 1 : 0;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const glance = async () => {
    const waiting = aheadOf(resources.priority, await backlog());
    seen = waiting.count ? seen + 1 : 0;
    const inVain = cameBack && Date.now() - waiting.age < left;
    if (ended || seen < looks + (inVain ? IN_VAIN : 0) || !(await preemptions.claim(runId, waiting.count)))
      return;
    const times = (before.preemptions ?? 0) + 1;
    log.info('the run gives way', { run: runId, priority: resources.priority, ...waiting });
    report({ preemptions: times, preempted: true });
    abort.abort(preempted(resources.priority, waiting.first, info.attempt, times));
  };
  const again = (wait: number) => {
    if (ended || abort.signal.aborted) return;
    timer = setTimeout(() => {
      glance()
        // Not to know who waits is no reason to stop a training.
        .catch((error: unknown) => log.warn('the queue cannot be asked who waits', { run: runId, error }))
        .finally(() => again(look));
    }, wait);
  };
  again(cameBack ? Math.min(FIRST_LOOK, look) : look);
  return {
    signal: abort.signal,
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      ended = true;
      if (abort.signal.aborted) await preemptions.done(runId).catch(() => undefined);
    },
  };
}

/** Those that would go first if the device were free. */
export function aheadOf(priority: number, backlog: ReadonlyMap<number, Waiting>) {
  const ahead = [...backlog].filter(([key, { count }]) => key < priority && count > 0);
  return {
    count: ahead.reduce((sum, [, { count }]) => sum + count, 0),
    first: Math.min(...ahead.map(([key]) => key)),
    age: Math.max(0, ...ahead.map(([, { age }]) => age)),
  };
}

const backlogOf = (taskQueue: string, version: WorkerVersion | undefined): Backlog => {
  const { client } = Context.current();
  const { namespace } = client.options;
  return async () => {
    const statsByPriorityKey = version
      ? (
          await client.workflowService.describeWorkerDeploymentVersion({
            namespace,
            deploymentVersion: version,
            reportTaskQueueStats: true,
          })
        ).versionTaskQueues?.find(({ name, type }) => name === taskQueue && type === ACTIVITY_TASKS)
          ?.statsByPriorityKey
      : (
          await client.workflowService.describeTaskQueue({
            namespace,
            taskQueue: { name: taskQueue },
            taskQueueType: ACTIVITY_TASKS,
            reportStats: true,
          })
        ).statsByPriorityKey;
    return new Map(
      Object.entries(statsByPriorityKey ?? {}).map(([key, stats]) => [
        Number(key),
        {
          count: Number(stats.approximateBacklogCount ?? 0),
          age: milliseconds(stats.approximateBacklogAge),
        },
      ]),
    );
  };
};

const milliseconds = (age: { seconds?: unknown; nanos?: number | null } | null | undefined): number =>
  Number(age?.seconds ?? 0) * 1000 + (age?.nanos ?? 0) / 1e6;

/** Benign: nothing is wrong, and it counts against no retry budget. */
function preempted(priority: number, first: number, attempt: number, times: number): ApplicationFailure {
  const message = `gave way to a waiting run of priority ${first}`;
  const problem: Problem = { path: 'resources.preemptible', message, found: `priority ${priority}` };
  return ApplicationFailure.create({
    message,
    type: 'PREEMPTED',
    details: [[problem], attempt, times],
    // The one that waits has the device long before; this one then waits for its own turn.
    nextRetryDelay: AWAY,
    category: ApplicationFailureCategory.BENIGN,
  });
}
