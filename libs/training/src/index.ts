export type {
  TrainJob,
  EvaluateJob,
  Job,
  GraphDigests,
  Question,
  TrainResult,
  DamagedCheckpoint,
  EvaluateResult,
  TrainerEvent,
  ProgressEvent,
  LogEvent,
} from './job.js';
export {
  float32,
  int32,
  type TensorData,
  type Tensor,
  type Tensors,
  type SessionOptions,
  type Session,
  type SessionFactory,
} from './session.js';
export { batchFeeds, exampleFeeds } from './batch-feeds.js';
export { Interrupted } from './loop/interrupted.js';
export { train, type TrainPorts } from './loop/train.js';
export { auditRun, type Audit, type Audited, type AuditedRun, type AuditPorts } from './audit/audit.js';
export { retrainingOf } from './audit/inputs.js';
export { keptCheckpoint, type KeptCheckpoint } from './audit/kept.js';
export { retrain, type Retraining } from './audit/retrain.js';
export { evaluateModel } from './evaluate-model.js';
export { graphDigests } from './graphs/digests.js';
export { runTrainer, INTERRUPTED_EXIT_CODE, shownRun, type TrainerOptions } from './trainer-process.js';
export { THIS_CHECKPOINT } from './checkpoint/meta.js';
export type { CheckpointPointer } from './checkpoint/pointer.js';
export { preparedBase } from './prepared-base.js';
export { Decoder, type GenerationGraph } from './generation/decoder.js';
export { writeOn, type Stopped } from './generation/greedy.js';
