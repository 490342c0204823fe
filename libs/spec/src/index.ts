export { withDerivedDefaults } from './derived-defaults.js';
export { generatedInWords, generationOf, type GenerationSettings } from './written-texts.js';
export { alertsSchema, type AlertsSpec } from './alerts-schema.js';
export { gateProblems, refusals } from './gate.js';
export { metricProblems, nameProblems } from './metric-checks.js';
export {
  pipelineSpecSchema,
  taskOf,
  type Columns,
  type PipelineSpec,
  type LoraSpec,
  type MethodSpec,
  type PipelineSpecInput,
  type TrainingSpec,
} from './pipeline-spec.js';
export { encodings } from './sections/dataset.js';
export { retentionOfStoreSchema } from './sections/retention.js';
export { priorityOf, type QueuePriority } from './priority.js';
export { typeInWords, type JsonSchema } from './schema-words.js';
export { shownSpec, shownWebhook } from './shown-spec.js';
export { hasSeveralSources, sourcesOf, type SplitSource } from './sources-of.js';
export {
  type CompareActivities,
  type CompareInput,
  type CompareOutput,
  type EvaluateInput,
  type EvaluateOutput,
  type FineTuneInput,
  type GateProblem,
  type IngestInput,
  type IngestOutput,
  type PreprocessInput,
  type PreprocessOutput,
  type PublishInput,
  type PublishOutput,
  type StageActivities,
  type StageActivity,
  type StageInput,
  type StageOutput,
  type TrainInput,
  type TrainOutput,
} from './stages.js';
export {
  gridSize,
  trialParams,
  trialRunId,
  trialSpec,
  uniform,
  withValue,
  type TrialParams,
} from './sweep-sampling.js';
export {
  MAX_TRIALS,
  looseSweepSchema,
  strategies,
  sweepSpecSchema,
  type SearchSpace,
  type StopAt,
  type Strategy,
  type SweepSpec,
  type SweepSpecInput,
} from './sweep-spec.js';
export { parseSweepSpec, sweepJsonSchema } from './sweep-validate.js';
export {
  objectiveOf,
  type SweepComparison,
  type SweepInput,
  type SweepProgress,
  type SweepResult,
  type SweepState,
  type SweepStatus,
  type SweepSummary,
  type TrialRow,
  type TrialStatus,
} from './sweep.js';
export { fieldCalled, parsePipelineSpec, pipelineJsonSchema, readPipelineSpec } from './validate.js';
