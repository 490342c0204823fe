export {
  collectedInWords,
  type Collected,
  type CollectedGroup,
  type CollectInput,
  type JanitorActivities,
} from './collection.js';
export {
  alertEvents,
  withoutAlerts,
  type AlertEvent,
  type Alert,
  type NotifyInput,
  type DriftInput,
  type Drift,
  type NotifyActivities,
} from './alerts.js';
export type {
  Digest,
  ArtifactKind,
  ArtifactRef,
  ArtifactFile,
  ArtifactManifest,
  ArtifactMeta,
} from './artifact.js';
export { boundWords, outOfBounds, type Bounds, type OutOfBounds } from './bounds.js';
export type { CheckpointMeta, CheckpointEntry } from './checkpoint.js';
export {
  changedTraining,
  changeWords,
  changeProblems,
  type ControlUpdate,
  type ControlInput,
  type DecisionInput,
  type ChangeableSettings,
  type ChangedSettings,
  type ChangeInput,
  type ControlNote,
  type TrainingChange,
  type AppliedChange,
  type Approval,
  type ForkOrigin,
  type ControlAnswer,
} from './control.js';
export {
  dataReportOf,
  type RowsOfSource,
  type DataReport,
  type LeakReport,
  type LeakSample,
  type DataWarningCode,
  type DataWarning,
  type HeadReport,
  type ClassRows,
} from './data-report.js';
export {
  splitNames,
  chatRoles,
  noneDropped,
  type SplitName,
  type AnswerSpan,
  type Example,
  type ExampleKind,
  type ChatMessage,
  type DatasetMeta,
  type DropReason,
  type CleaningReport,
} from './dataset.js';
export { diskFull } from './disk-full.js';
export type { PinnedInputs, Rebuild, Rebuilt, RebuiltDifference, TrainedBy } from './rebuild.js';
export {
  agePattern,
  allowedAges,
  defaultRetention,
  keptParts,
  parseAge,
  withRetention,
  type Age,
  type KeptPart,
  type Retention,
  type RetentionSettings,
} from './retention.js';
export { engineWords, sameEngine, type EngineIdentity, type Machine } from './engine.js';
export { outOfMemory } from './out-of-memory.js';
export { downloadSchema, type DownloadSpec } from './download-schema.js';
export { errorCodes, TemperError, formatProblem, type ErrorCode, type Problem } from './errors.js';
export type { EvaluationMeta } from './evaluation.js';
export { specNamePattern, identifier } from './identifier.js';
export { jsonTokens, type JsonToken } from './json-tokens.js';
export {
  greaterIsBetter,
  headlineMetrics,
  metricCalled,
  rangeOf,
  reportedMetrics,
  type MetricName,
} from './metrics.js';
export {
  headInMeta,
  metaOfHeads,
  precisions,
  type BaseModelMeta,
  type ModelMeta,
  type ModelVersion,
  type Precision,
} from './model.js';
export { plainName, nearest } from './nearest.js';
export { namesNothing } from './no-such.js';
export { runState, type RunState } from './run-state.js';
export {
  noSpans,
  type SpanAttributes,
  type Spans,
  type StageAttempt,
  type StageMetrics,
  type StageOutcome,
  type StoreRequest,
} from './observation.js';
export { checkedOrchestration } from './orchestration-schema.js';
export type {
  ActivityName,
  ActivitySettings,
  DurationInput,
  Orchestration,
  RetrySettings,
} from './orchestration.js';
export { parseJson } from './parse-json.js';
export { providers, type Provider } from './providers.js';
export {
  collectWorkflow,
  DEFAULT_QUEUE_PREFIX,
  fineTuneWorkflow,
  queuePrefixOf,
  queuesOf,
  sweepWorkflow,
  type Queues,
  searchAttributes,
} from './queues.js';
export { registerSearchAttributes, type OperatorService } from './search-attributes.js';
export {
  stageNames,
  isStep,
  type StageName,
  type StageStatus,
  type RunStatus,
  type StageReport,
  type Metrics,
  type RunResult,
  type RunProgress,
  type StageHeartbeat,
  type StepMetrics,
  type EvaluationMetrics,
  type MetricLine,
} from './run.js';
export { shownSource, sourceInWords, sourcesInWords } from './shown-source.js';
export {
  pypiName,
  npmName,
  hfName,
  s3Address,
  storedName,
  isInside,
  type PypiName,
  type NpmName,
  type HubName,
  type S3Address,
} from './source-names.js';
export {
  schemeOf,
  sourceMistake,
  fileOfUri,
  source,
  type SourceMistake,
  type SourceScheme,
} from './source.js';
export { tasks, problemTypes, headKinds, type Task, type ProblemType, type HeadKind } from './task.js';
export {
  IGNORED_LABEL,
  type LabelKind,
  type Passage,
  type TokenizedSplit,
  type Masking,
  type TokensMeta,
  type SplitStatistics,
  type Batch,
  type DataCursor,
} from './tokens.js';
export {
  verdictNames,
  learningRateChange,
  type VerdictName,
  type Verdict,
  type Comparison,
} from './verdict.js';
export { visible, visibleLine, visibleJson } from './visible.js';
