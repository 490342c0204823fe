import type {
  AppliedChange,
  Approval,
  ArtifactRef,
  Comparison,
  DataReport,
  Digest,
  ForkOrigin,
  Metrics,
  Orchestration,
  PinnedInputs,
  Rebuild,
  Rebuilt,
  StageName,
  TrainedBy,
  TrainingChange,
  Verdict,
} from '@temper/contracts';
import type { PipelineSpec } from './pipeline-spec.js';
import type { StopAt } from './sweep-spec.js';
import type { SweepComparison } from './sweep.js';

/** What every stage is told. The part of the spec that it reads is part of its cache key. */
export interface StageInput {
  readonly runId: string;
  readonly spec: PipelineSpec;
  /** Do the work even where the stage cache has its result. */
  readonly fresh?: boolean | undefined;
  /** Whoever submitted the run could not see all that its spec names: ingest makes the whole check before it reads it. */
  readonly unchecked?: boolean | undefined;
}

/** What a run starts from. */
interface Start {
  readonly baseModel: ArtifactRef<'base-model'>;
  /** Of `method.initFrom`; absent too in histories of runs that read it from where the spec says. */
  readonly adapter?: ArtifactRef<'adapter'> | undefined;
}

/** Argument of the `fineTune` workflow. A run started by a schedule has no id of its own: it is the workflow's. */
export interface FineTuneInput extends Omit<StageInput, 'runId'> {
  readonly runId?: string | undefined;
  /** End as `unchanged` where the schedule's last result was made from the same data set, base model and spec. */
  readonly onlyNewData?: boolean | undefined;
  /** The last stage; default: all. A trial of a sweep ends before it is evaluated on the test split. */
  readonly until?: 'train' | 'evaluate' | undefined;
  readonly stopAt?: StopAt | undefined;
  /** The trials that this run was chosen from. */
  readonly sweep?: SweepComparison | undefined;
  /** This stage and all that follow are done again; those before come from the stage cache. */
  readonly from?: StageName | undefined;
  /** The how-manieth training of the run: a higher number does not go on from the checkpoints of a lower one. */
  readonly training?: number | undefined;
  /** Asked for in an earlier start of the run; training may have applied them already. */
  readonly changes?: readonly TrainingChange[] | undefined;
  /** Training starts from a checkpoint of another run. */
  readonly fork?: ForkOrigin | undefined;
  /** A published version is made again and compared, in place of all that follows training. */
  readonly rebuild?: Rebuild | undefined;
  readonly orchestration?: Orchestration | undefined;
}

/** What every stage returns besides its own references. */
export interface StageOutput {
  readonly cached: boolean;
  readonly summary: string;
  /** Attempts that it took, this one included; filled in by the activity's wrapper. */
  readonly attempts?: number | undefined;
  /** Those of them that gave their device to a run that goes first; as above. */
  readonly preemptions?: number | undefined;
}

export interface IngestInput extends StageInput {
  /** In place of the sources that the spec names. */
  readonly pinned?: PinnedInputs | undefined;
}
export interface IngestOutput extends StageOutput, Start {
  readonly dataset: ArtifactRef<'dataset'>;
  /** Of the spec without its alerts: the workflow has no hash of its own. */
  readonly spec?: Digest | undefined;
}

export interface PreprocessInput extends StageInput, Start {
  readonly dataset: ArtifactRef<'dataset'>;
}
export interface PreprocessOutput extends StageOutput {
  readonly tokens: ArtifactRef<'tokens'>;
  readonly data?: DataReport | undefined;
}

export interface TrainInput extends StageInput, Start {
  readonly tokens: ArtifactRef<'tokens'>;
  /** Train so much of the whole for now; a later train stage of this run goes on exactly. */
  readonly stopAt?: StopAt | undefined;
  readonly training?: number | undefined;
  readonly fork?: ForkOrigin | undefined;
  /** Asked for so far. Each is applied at the step at which the trainer first sees it. */
  readonly changes?: readonly TrainingChange[] | undefined;
  /** Refuse where something else would train. */
  readonly expected?: TrainedBy | undefined;
}
export interface TrainOutput extends StageOutput {
  /** Version of the stage's code; absent in 0.1.0. */
  readonly code?: string | undefined;
  /** The best checkpoint where `loadBestModelAtEnd`, else the last. */
  readonly checkpoint: ArtifactRef<'checkpoint'>;
  readonly steps: number;
  readonly totalSteps?: number | undefined;
  /** False where `stopAt` came before the end. */
  readonly finished?: boolean | undefined;
  /** Of the validation split at that checkpoint. */
  readonly validation?: Metrics | undefined;
  /** URI of the metrics log (JSON lines). */
  readonly metricsUri: string;
  readonly changes?: readonly AppliedChange[] | undefined;
  /** By the training and the validation split alone, for a run that ends here. */
  readonly verdicts?: readonly Verdict[] | undefined;
}

export interface EvaluateInput extends Omit<TrainInput, 'changes' | 'expected'> {
  readonly checkpoint: ArtifactRef<'checkpoint'>;
}
export interface EvaluateOutput extends StageOutput {
  readonly base: Metrics;
  readonly test: Metrics;
  /** Problems of the gate; empty when it is passed. */
  readonly gate: readonly GateProblem[];
  /** What both models make of each test row. */
  readonly rows?: ArtifactRef<'evaluation'> | undefined;
  readonly comparison?: Comparison | undefined;
  readonly verdicts?: readonly Verdict[] | undefined;
}

/** Why a model is not published: a metric outside its bounds, or a verdict. */
export interface GateProblem {
  readonly metric: string;
  readonly value: number;
  readonly rule: string;
  readonly verdict?: Verdict | undefined;
}

export interface PublishInput extends EvaluateInput {
  readonly dataset: ArtifactRef<'dataset'>;
  readonly validation?: Metrics | undefined;
  readonly evaluation: Pick<EvaluateOutput, 'base' | 'test' | 'comparison'>;
  readonly verdicts?: readonly Verdict[] | undefined;
  readonly sweep?: SweepComparison | undefined;
  readonly changes?: readonly AppliedChange[] | undefined;
  readonly approval?: Approval | undefined;
  /** Of the training. */
  readonly code?: string | undefined;
}
/** What would be published, to be compared with what was. */
export interface CompareInput extends Pick<PublishInput, 'code'>, EvaluateInput {
  readonly rebuild: Rebuild;
}
export interface CompareOutput extends StageOutput {
  readonly rebuilt: Rebuilt;
}
/** Done by the publish stage's plugin, in its place. */
export interface CompareActivities {
  compareRebuilt(input: CompareInput): Promise<CompareOutput>;
}
export interface PublishOutput extends StageOutput {
  readonly name: string;
  readonly version: number;
  /** Of the weights and their configuration alone, as in ModelVersion. */
  readonly digest: Digest;
  readonly model: ArtifactRef<'model'>;
  readonly reportUri: string;
}

/** The activities by name; the workflow proxies them, each stage's plugin implements one. */
export interface StageActivities {
  ingest(input: IngestInput): Promise<IngestOutput>;
  preprocess(input: PreprocessInput): Promise<PreprocessOutput>;
  train(input: TrainInput): Promise<TrainOutput>;
  evaluate(input: EvaluateInput): Promise<EvaluateOutput>;
  publish(input: PublishInput): Promise<PublishOutput>;
}

export type StageActivity = StageActivities[StageName];
