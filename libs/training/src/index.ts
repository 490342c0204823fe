export * from './job.js';
export * from './session.js';
export { train, Interrupted, type TrainPorts } from './train.js';
export { evaluateModel } from './evaluate-model.js';
export { runTrainer, INTERRUPTED_EXIT_CODE, type TrainerOptions } from './trainer-process.js';
export { THIS_CHECKPOINT, type CheckpointPointer } from './checkpoint.js';
export { Predictor, type PredictorOptions } from './predict/predictor.js';
export type { Classification } from './predict/classify.js';
export type { GenerateOptions, Generation } from './predict/generate.js';
