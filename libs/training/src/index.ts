export * from './job.js';
export * from './session.js';
export { batchFeeds, exampleFeeds } from './batch-feeds.js';
export { train, Interrupted, type TrainPorts } from './train.js';
export { evaluateModel } from './evaluate-model.js';
export { runTrainer, INTERRUPTED_EXIT_CODE, shownRun, type TrainerOptions } from './trainer-process.js';
export { THIS_CHECKPOINT, type CheckpointPointer } from './checkpoint.js';
export { preparedBase } from './prepared-base.js';
