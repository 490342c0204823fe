import type { ErrorCode, Metrics, Orchestration, Problem, RunResult, VerdictName } from '@temper/contracts';
import type { TrialParams } from './sweep-sampling.js';
import type { Strategy, SweepSpec } from './sweep-spec.js';

/**
 * `waiting`: trained to a rung and may yet go on; `stopped`: it was not among the best of its rung; `diverged`: the loss
 * became NaN, which is a result like another.
 */
export type TrialStatus =
  'pending' | 'running' | 'waiting' | 'stopped' | 'completed' | 'diverged' | 'failed' | 'cancelled';

/** A line of the comparison. */
export interface TrialRow {
  readonly trial: number;
  readonly runId: string;
  readonly status: TrialStatus;
  readonly params: TrialParams;
  /** The objective, where the trial got: at its last rung, or of the model that it would publish. */
  readonly metric?: number | undefined;
  /** Optimizer steps trained. */
  readonly steps?: number | undefined;
  /** What is to be said about a training that came to its end, besides `fine`; by the validation split. */
  readonly verdicts?: readonly VerdictName[] | undefined;
}

/** `unknown` is said by a follower that has lost the server, never by the sweep itself. */
export type SweepStatus = 'running' | 'completed' | 'failed' | 'cancelled' | 'refused' | 'unknown';

/** Argument of the `sweep` workflow. */
export interface SweepInput {
  readonly sweepId?: string | undefined;
  readonly spec: SweepSpec;
  /** As of a run. */
  readonly unchecked?: boolean | undefined;
  /** What an earlier execution of the chain found out, in its own short form. */
  readonly state?: SweepState | undefined;
  readonly orchestration?: Orchestration | undefined;
}

export interface SweepState {
  /** A word a trial: status, metrics rung by rung, steps. */
  readonly trials: string;
  /** Why the first trial that failed did. */
  readonly failure?: SweepResult['error'];
}

export interface SweepSummary {
  readonly sweepId: string;
  readonly name: string;
  readonly status: SweepStatus;
  readonly strategy: Strategy;
  readonly objective: SweepSpec['objective'];
  /** How many trials there are of each status; their sum is the number of trials. */
  readonly counts: Readonly<Record<TrialStatus, number>>;
  /** The best so far: of those trained to the end, else of the furthest rung. */
  readonly best?: TrialRow | undefined;
}

/** Result of the `progress` query. Of very many trials only the running and the best ones are there. */
export interface SweepProgress extends SweepSummary {
  readonly phase: 'preparing' | 'trials' | 'publishing' | 'ended';
  readonly trials: readonly TrialRow[];
}

/** What `temper sweep --json` prints at the end, and what the workflow returns. */
export interface SweepResult extends SweepSummary {
  /** The best first. */
  readonly trials: readonly TrialRow[];
  readonly model?: RunResult['model'];
  readonly metrics: RunResult['metrics'];
  readonly artifacts: RunResult['artifacts'];
  /** Of the run of the best trial, which evaluates on the test split. */
  readonly verdicts?: RunResult['verdicts'];
  readonly error?:
    | {
        readonly code: ErrorCode | 'UNKNOWN';
        readonly message: string;
        readonly problems: readonly Problem[];
      }
    | undefined;
}

/** What the model card and the report of a published trial say about the others. */
export interface SweepComparison {
  readonly sweep: string;
  readonly strategy: Strategy;
  readonly objective: SweepSpec['objective'];
  readonly trials: number;
  /** The best first; of very many only the best. */
  readonly rows: readonly Omit<TrialRow, 'runId'>[];
}

/** The objective of a finished training; NaN and what is missing are no result. */
export function objectiveOf(metrics: Metrics | undefined, metric: string): number | undefined {
  const value = metrics?.[metric];
  return typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(6)) : undefined;
}
