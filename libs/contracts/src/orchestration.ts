import type { StageName } from './run.js';

/** Milliseconds, or as Temporal's SDK writes it: `30s`, `12 hours`. */
export type DurationInput = number | string;

export interface RetrySettings {
  readonly initialInterval?: DurationInput | undefined;
  readonly backoffCoefficient?: number | undefined;
  readonly maximumInterval?: DurationInput | undefined;
  readonly maximumAttempts?: number | undefined;
  readonly nonRetryableErrorTypes?: readonly string[] | undefined;
}

/** Of one activity; what is not given stays as it is without. */
export interface ActivitySettings {
  readonly taskQueue?: string | undefined;
  readonly scheduleToCloseTimeout?: DurationInput | undefined;
  readonly scheduleToStartTimeout?: DurationInput | undefined;
  readonly startToCloseTimeout?: DurationInput | undefined;
  /** Not of choosePool, which runs in the workflow's own worker. */
  readonly heartbeatTimeout?: DurationInput | undefined;
  readonly retry?: RetrySettings | undefined;
}

export const otherActivityNames = ['choosePool', 'notify', 'driftFromProduction', 'collectGarbage'] as const;
/** Every activity of the workflows. */
export type ActivityName = StageName | (typeof otherActivityNames)[number];

/**
 * How an installation has its work done. It is part of a workflow's input, so that it is in the history and a replay
 * finds the same.
 */
export interface Orchestration {
  /** What the names of its queues begin with. Default: as the queue of the workflow itself, where that ends in `-cpu`. */
  readonly queuePrefix?: string | undefined;
  readonly activities?: { readonly [A in ActivityName]?: ActivitySettings | undefined } | undefined;
}
