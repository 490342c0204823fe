export {
  approveUpdate,
  changeUpdate,
  pauseUpdate,
  progressQuery,
  rejectUpdate,
  resumeUpdate,
} from './fine-tune/messages.js';
export type { FailureDetails } from './fine-tune/failure.js';
export { devicePolicy, choosePoolPolicy, stagePolicy } from './policies.js';
export { changes } from './changes.js';
export type { PoolActivities } from './fine-tune/pool.js';
export { sweepProgressQuery } from './sweep/messages.js';
