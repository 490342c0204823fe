export { chooseProvider, poolActivities, type Pollers } from './choose-pool.js';
export { DeviceWorker } from './device-worker.js';
export { threadsOf } from './slots.js';
export { workerIdentity } from './identity.js';
export { TemperPlugin, type TemperPluginOptions } from './plugin.js';
export { workflowInterceptors, WorkflowsPlugin, workflowsPath } from './workflows.js';
