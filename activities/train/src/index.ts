export { TrainPlugin, trainActivities } from './plugin.js';
export { yielding, type Yielding } from './yielding.js';
