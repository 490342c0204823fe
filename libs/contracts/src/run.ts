import type { ArtifactRef, Digest } from './artifact.js';
import type { AppliedChange, Approval, ControlNote, ForkOrigin, TrainingChange } from './control.js';
import type { DataReport } from './data-report.js';
import type { ErrorCode, Problem } from './errors.js';
import type { Rebuilt } from './rebuild.js';
import type { Verdict } from './verdict.js';

export const stageNames = ['ingest', 'preprocess', 'train', 'evaluate', 'publish'] as const;
export type StageName = (typeof stageNames)[number];

export type StageStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled' | 'skipped';
export type RunStatus =
  | 'running'
  | 'paused'
  | 'awaiting-approval'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'refused'
  | 'unchanged'
  /** Said by a follower that has lost the server; never by the run itself. */
  | 'unknown';

export interface StageReport {
  readonly name: StageName;
  readonly status: StageStatus;
  readonly cached: boolean;
  readonly seconds: number;
  readonly attempts: number;
  /** Attempts, of those, that ended because a run that goes first needed the device. */
  readonly preemptions?: number | undefined;
  /** One line for people: `4,812 examples, 3 classes, 27 duplicates dropped`. */
  readonly summary?: string | undefined;
}

export type Metrics = Readonly<Record<string, unknown>>;

/** What `temper run --json` prints at the end, and what the workflow returns. */
export interface RunResult {
  readonly runId: string;
  readonly status: RunStatus;
  readonly model?:
    | { readonly name: string; readonly version: number; readonly digest: Digest; readonly uri: string }
    | undefined;
  readonly metrics: {
    readonly validation?: Metrics | undefined;
    readonly test?: Metrics | undefined;
    readonly base?: Metrics | undefined;
  };
  readonly stages: readonly StageReport[];
  /** What the rows say about how far the metrics can be trusted; once they were prepared. */
  readonly data?: DataReport | undefined;
  /** What was trained, and how far. */
  readonly checkpoint?: ArtifactRef<'checkpoint'> | undefined;
  readonly training?: { readonly steps: number; readonly totalSteps?: number; readonly finished: boolean };
  /** What was changed while it trained; without `step` where training had ended before. */
  readonly changes?: readonly (TrainingChange & Partial<Pick<AppliedChange, 'step'>>)[] | undefined;
  /** How the training went, the worst first; `fine` alone where nothing is wrong. */
  readonly verdicts?: readonly Verdict[] | undefined;
  readonly approval?: Approval | undefined;
  readonly forkedFrom?: ForkOrigin | undefined;
  /** Of a run that made a published version again. */
  readonly rebuilt?: Rebuilt | undefined;
  /** Lines for people: whom no alert reached, how far the model drifted. */
  readonly notes?: readonly string[] | undefined;
  readonly artifacts: {
    readonly metrics?: string | undefined;
    /** What both models make of each test row. */
    readonly evaluation?: string | undefined;
    readonly model?: string | undefined;
    readonly report?: string | undefined;
  };
  /** What it was made from; the next run of a schedule compares with them (`onlyNewData`). */
  readonly dataset?: Digest | undefined;
  readonly baseModel?: Digest | undefined;
  /** The adapter that it started from. */
  readonly adapter?: Digest | undefined;
  readonly spec?: Digest | undefined;
  /** Of an unchanged run: the run that did the work. */
  readonly sameAs?: string | undefined;
  readonly error?:
    | {
        readonly code: ErrorCode | 'UNKNOWN';
        readonly message: string;
        readonly problems: readonly Problem[];
        readonly stage?: StageName | undefined;
      }
    | undefined;
}

/** Result of the `progress` query. */
export interface RunProgress {
  readonly runId: string;
  readonly pipeline: string;
  readonly status: RunStatus;
  readonly stages: readonly StageReport[];
  /** Asked for; `status` is `paused` as soon as nothing of the run works any more. */
  readonly pause?: ControlNote | undefined;
  readonly changes?: readonly TrainingChange[] | undefined;
  readonly data?: DataReport | undefined;
  readonly notes?: readonly string[] | undefined;
  readonly result?: RunResult | undefined;
}

/** Heartbeat details of the train and evaluate stages. */
export interface StageHeartbeat {
  /** One of Temper's, or one of somebody's own. */
  readonly stage: string;
  readonly phase: string;
  readonly step?: number | undefined;
  readonly totalSteps?: number | undefined;
  readonly loss?: number | undefined;
  readonly tokensPerSecond?: number | undefined;
  /** Reference of the newest checkpoint manifest. */
  readonly checkpoint?: string | undefined;
  /** How often this run has given its device away. */
  readonly preemptions?: number | undefined;
  /** This attempt ends by giving its device away. */
  readonly preempted?: boolean | undefined;
}

/** One logged training step; `runs metrics ID --json` prints one a line. */
export interface StepMetrics {
  readonly step: number;
  readonly epoch: number;
  /** Mean over the step's counted tokens (or examples). */
  readonly loss: number;
  readonly learningRate: number;
  /** L2 norm before clipping; of the gradient of the mean loss. */
  readonly gradNorm: number;
  readonly tokens: number;
  readonly paddedTokens: number;
  readonly stepMs: number;
}

/** One evaluation; classification adds accuracy, precision, recall, f1 (macro averages). */
export interface EvaluationMetrics {
  readonly step: number;
  readonly split: 'validation' | 'test';
  readonly loss: number;
  readonly [metric: string]: unknown;
}
export type MetricLine = StepMetrics | EvaluationMetrics;

/** Of an optimizer step, as against an evaluation. */
export const isStep = (line: MetricLine): line is StepMetrics => 'gradNorm' in line;
