import type {
  ArtifactRef,
  Metrics,
  PipelineSpec,
  Problem,
  ErrorCode,
  Provider,
  StoreRequest,
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
}

export interface EvaluateResult {
  readonly base: Metrics;
  readonly test: Metrics;
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
  | LogEvent
  | { readonly type: 'store'; readonly requests: readonly StoreRequest[] }
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
