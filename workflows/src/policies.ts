import {
  ActivityCancellationType,
  type ActivityOptions,
  type LocalActivityOptions,
} from '@temporalio/workflow';

/**
 * Every timeout and every retry of the workflows, with its reason. Which failures are retried at all is said by the
 * error's code (`errorCodes` in contracts): the activities mark a user's mistake as non-retryable.
 */

/** ingest, preprocess, publish: reading, preparing and storing. */
export const stagePolicy = {
  // Downloads and large files are slow; a worker that is lost shows much earlier, by its heartbeat.
  startToCloseTimeout: '12 hours',
  // The worker beats every few seconds. Native code may hold the event loop for a while, so not shorter.
  heartbeatTimeout: '30 seconds',
  // An object store or a source that is down for some minutes is waited out: about half an hour in all.
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '1 minute',
    maximumAttempts: 30,
  },
} as const satisfies ActivityOptions;

/** train, evaluate: a trainer process owns the device. */
export const devicePolicy = {
  // As long as the training takes. A hung trainer is noticed by its worker, a lost worker by its heartbeat.
  startToCloseTimeout: '30 days',
  // The worker only waits for its trainer, so its event loop is free: a lost worker is replaced within seconds.
  heartbeatTimeout: '12 seconds',
  // A training that is interrupted writes a checkpoint first, and only then its device is free.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  // A killed trainer resumes from its checkpoint at once; on pre-emptible machines that may happen often.
  // A trainer that dies again and again without a new checkpoint is given up by the activity itself, as is any other
  // fault after a thousand attempts. The server's own limit would also count each time that a run gave its device away.
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 1.5,
    maximumInterval: '30 seconds',
  },
} as const satisfies ActivityOptions;

/** choosePool: one question to the Temporal server. */
export const choosePoolPolicy = {
  startToCloseTimeout: '10 seconds',
  // Not to know of a GPU is no reason to fail: after a few seconds the run goes to the CPU pool.
  retry: { initialInterval: '200 milliseconds', maximumAttempts: 4 },
} as const satisfies LocalActivityOptions;

/** notify: one POST to a webhook. */
export const notifyPolicy = {
  // A receiver that takes longer is as good as down: the end of the run waits for this.
  startToCloseTimeout: '15 seconds',
  // With a receiver that is down, or no worker free to call it, the run ends all the same.
  scheduleToCloseTimeout: '2 minutes',
  // A restart of the receiver is waited out; an outage is not, the run itself says that nobody was told.
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 3,
    maximumInterval: '20 seconds',
    maximumAttempts: 5,
  },
} as const satisfies ActivityOptions;

/** driftFromProduction: two small reads of the registry. */
export const driftPolicy = {
  startToCloseTimeout: '30 seconds',
  // Not to know is no reason to keep the model back: after a few tries it is published without the comparison.
  scheduleToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumAttempts: 5 },
} as const satisfies ActivityOptions;

/** collectGarbage: listings of the whole store, and deletions. */
export const collectPolicy = {
  // A store of many millions of objects takes hours to list.
  startToCloseTimeout: '12 hours',
  // The worker beats every few seconds while it lists and removes.
  heartbeatTimeout: '30 seconds',
  // No worker that may collect: the next start finds the same, and this one would only stand in its way.
  scheduleToCloseTimeout: '24 hours',
  // What is left over is the next collection's; one that was lost counts as alive for a minute, and is waited out.
  retry: {
    initialInterval: '5 seconds',
    backoffCoefficient: 2,
    maximumInterval: '2 minutes',
    maximumAttempts: 6,
  },
} as const satisfies ActivityOptions;
