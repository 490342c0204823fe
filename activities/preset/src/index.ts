export { chooseProvider, poolActivities, type Pollers } from './choose-pool.js';
export { DeviceWorker } from './device-worker.js';
export { threadsOf } from './slots.js';
export { workerIdentity } from './identity.js';
export { TemperPlugin, type TemperPluginOptions } from './plugin.js';
export { TracingPlugin, type TracingOptions } from './tracing.js';
export { workflowInterceptors, workflowsPath } from './workflow-code.js';
export { WorkflowsPlugin, type WorkflowsPluginOptions } from './workflows.js';
