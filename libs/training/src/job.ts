import type {
  AppliedChange,
  ArtifactRef,
  ErrorCode,
  ForkOrigin,
  Metrics,
  PipelineSpec,
  Problem,
  Provider,
  TrainingChange,
} from '@temper/contracts';

interface JobBase {
  readonly runId: string;
  /** Of the activity; an older attempt never moves the checkpoint of a newer one. */
  readonly attempt: number;
  readonly spec: PipelineSpec;
  readonly baseModel: ArtifactRef<'base-model'>;
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
  /** The how-manieth training of the run; it does not go on from the checkpoints of a lower one. */
  readonly training?: number | undefined;
  /** Where to start while the run has no checkpoint of its own. */
  readonly fork?: ForkOrigin | undefined;
  /** Those that are not in the checkpoint yet are applied at its step. */
  readonly changes?: readonly TrainingChange[] | undefined;
}

/** The base model (the initial parameters) against the checkpoint, on the test split. */
export interface EvaluateJob extends JobBase {
  readonly kind: 'evaluate';
  readonly checkpoint: ArtifactRef<'checkpoint'>;
}

export type Job = TrainJob | EvaluateJob;

export interface TrainResult {
  /** The best checkpoint where `loadBestModelAtEnd`, else the last. */
  readonly checkpoint: ArtifactRef<'checkpoint'>;
  readonly steps: number;
  readonly totalSteps: number;
  /** Of the validation split at that checkpoint. */
  readonly validation?: Metrics | undefined;
  /** `s3://BUCKET/runs/RUNID/metrics/` */
  readonly metricsUri: string;
  readonly stoppedEarly: boolean;
  readonly changes?: readonly AppliedChange[] | undefined;
}

export interface EvaluateResult {
  readonly base: Metrics;
  readonly test: Metrics;
}

/** What a job's child process sends to its parent. */
export type TrainerEvent =
  | ProgressEvent
  | { readonly type: 'checkpoint'; readonly step: number; readonly ref: ArtifactRef<'checkpoint'> }
  | { readonly type: 'done'; readonly output: TrainResult | EvaluateResult }
  | { readonly type: 'interrupted'; readonly step: number }
  | { readonly type: 'error'; readonly code: ErrorCode | 'UNKNOWN'; readonly problems: readonly Problem[] };

export interface ProgressEvent {
  readonly type: 'progress';
  /** `loading`, `compiling`, `training`, `evaluating`, `saving` */
  readonly phase: string;
  readonly step?: number | undefined;
  readonly totalSteps?: number | undefined;
  readonly loss?: number | undefined;
  readonly tokensPerSecond?: number | undefined;
}
