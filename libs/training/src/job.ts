import type {
  AppliedChange,
  ArtifactRef,
  Comparison,
  Digest,
  ErrorCode,
  ForkOrigin,
  Machine,
  Metrics,
  Problem,
  Provider,
  StoreRequest,
  TrainingChange,
} from '@temper/contracts';
import type { PipelineSpec, StopAt } from '@temper/spec';
import type { GraphSettings } from './graphs/job-graphs.js';

interface JobBase {
  readonly runId: string;
  /** Of the activity; an older attempt never moves the checkpoint of a newer one. */
  readonly attempt: number;
  readonly spec: PipelineSpec;
  readonly baseModel: ArtifactRef<'base-model'>;
  /** Of `method.initFrom`. */
  readonly adapter?: ArtifactRef<'adapter'> | undefined;
  readonly tokens: ArtifactRef<'tokens'>;
  readonly provider: Provider;
  /** The trainer's own folder for graphs and weights; kept between attempts. */
  readonly workFolder: string;
  /** Folder for converted base models, shared by runs; default: inside the work folder. */
  readonly cacheFolder?: string | undefined;
  /** Default: the machine's; a resumed run keeps the number that it began with. */
  readonly threads?: number | undefined;
}

export interface TrainJob extends JobBase {
  readonly kind: 'train';
  /** Stop for now after so much of the whole, whose schedule stays: a later job of the same run goes on exactly. */
  readonly stopAt?: StopAt | undefined;
  /** The how-manieth training of the run; it does not go on from the checkpoints of a lower one. */
  readonly training?: number | undefined;
  /** Where to start while the run has no checkpoint of its own. */
  readonly fork?: ForkOrigin | undefined;
  /** Those that are not in the checkpoint yet are applied at its step; `step`: at this later one, of a training that is repeated. */
  readonly changes?: readonly (TrainingChange & { readonly step?: number | undefined })[] | undefined;
}

/** The base model, or the adapter that was started from, against the checkpoint, on the test split. */
export interface EvaluateJob extends JobBase {
  readonly kind: 'evaluate';
  readonly checkpoint: ArtifactRef<'checkpoint'>;
  /** Measure the base model too where its measurements are known. */
  readonly fresh?: boolean | undefined;
}

export type Job = TrainJob | EvaluateJob;

/** What computes where the trainer runs: nothing is loaded for it. */
export interface MachineQuestion {
  readonly kind: 'machine';
  readonly runId: string;
  readonly provider: Provider;
}

/** What a job would run: it is compiled, and nothing is loaded. */
export interface GraphsQuestion extends Pick<
  JobBase,
  'runId' | 'baseModel' | 'adapter' | 'tokens' | 'provider' | 'workFolder'
> {
  readonly kind: 'graphs';
  readonly spec: GraphSettings;
}

/** By the names that they have in the store, of a training and of its evaluation; `unknown`: what of them only weights tell. */
export type GraphDigests =
  | {
      readonly train: Readonly<Record<string, Digest>>;
      readonly evaluate: Readonly<Record<string, Digest>>;
      readonly unknown?: undefined;
    }
  | { readonly unknown: string };

export type Question = MachineQuestion | GraphsQuestion;

export interface TrainResult {
  /** The best checkpoint where `loadBestModelAtEnd`, else the last. Of a training that stopped for now: the last. */
  readonly checkpoint: ArtifactRef<'checkpoint'>;
  readonly steps: number;
  readonly totalSteps: number;
  /** Nothing is left to train. False only where the job said `stopAt`. */
  readonly finished: boolean;
  /** Of the validation split at that checkpoint. */
  readonly validation?: Metrics | undefined;
  /** `s3://BUCKET/runs/RUNID/metrics/` */
  readonly metricsUri: string;
  readonly stoppedEarly: boolean;
  readonly changes?: readonly AppliedChange[] | undefined;
  /** Checkpoints of the run that turned out damaged in the store. */
  readonly damaged?: readonly DamagedCheckpoint[] | undefined;
}

/** A checkpoint that the store gave back with another content, or not at all. */
export interface DamagedCheckpoint {
  readonly step: number;
  readonly ref: ArtifactRef<'checkpoint'>;
  /** Where training went on: an earlier checkpoint, or 0 for the beginning. */
  readonly resumedFrom: number;
  /** It was written again since. */
  readonly mended?: boolean | undefined;
  readonly message: string;
}

export interface EvaluateResult {
  readonly base: Metrics;
  /** An earlier evaluation of the same base model on the same rows measured it. */
  readonly baseCached: boolean;
  /** With `interval95`: how far each metric can be trusted, by its name. */
  readonly test: Metrics;
  readonly rows: ArtifactRef<'evaluation'>;
  /** Undefined where the base model's head was made from the seed, or there is one row. */
  readonly comparison?: Comparison | undefined;
}

/** What a job's child process sends to its parent. */
export type TrainerEvent =
  | ProgressEvent
  | {
      readonly type: 'checkpoint';
      readonly step: number;
      readonly ref: ArtifactRef<'checkpoint'>;
      readonly seconds: number;
    }
  | { readonly type: 'damaged'; readonly damaged: readonly DamagedCheckpoint[] }
  | LogEvent
  | { readonly type: 'store'; readonly requests: readonly StoreRequest[] }
  | { readonly type: 'done'; readonly output: TrainResult | EvaluateResult | Machine | GraphDigests }
  | { readonly type: 'interrupted'; readonly step: number }
  | { readonly type: 'error'; readonly code: ErrorCode | 'UNKNOWN'; readonly problems: readonly Problem[] };

export interface ProgressEvent {
  readonly type: 'progress';
  /** `loading`, `compiling`, `reference`, `training`, `evaluating`, `generating`, `saving` */
  readonly phase: string;
  readonly step?: number | undefined;
  readonly totalSteps?: number | undefined;
  readonly loss?: number | undefined;
  readonly tokensPerSecond?: number | undefined;
  /** Since this process began: steps, their real tokens, and the seconds that they took. */
  readonly done?: { readonly steps: number; readonly tokens: number; readonly seconds: number } | undefined;
}

/** A line for the worker's log, which adds run, stage and attempt. */
export interface LogEvent {
  readonly type: 'log';
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
}
