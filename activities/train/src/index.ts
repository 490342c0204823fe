export { fingerprint } from './fingerprint.js';
export { TrainPlugin, trainActivities } from './plugin.js';
export type { DevicePorts, TrainerObserver } from './ports.js';
export { superviseTrainer } from './supervise.js';
export { yielding, type Yielding } from './yielding.js';
