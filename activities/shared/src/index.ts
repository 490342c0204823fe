export { cachedStage, type CacheEntry } from './cached-stage.js';
export { activityFailure } from './failure.js';
export { StagePlugin } from './plugin.js';
export { inlineMetrics } from './inline-metrics.js';
export { stagePorts, type StagePorts, type StagePortsOptions } from './ports.js';
export { inScratch } from './scratch.js';
export { stageActivity, type StageContext, type StageOptions } from './stage-activity.js';
export { withAdapter } from './with-adapter.js';
export { watchdog, type Watchdog, type WatchdogOptions } from './watchdog.js';
