export { connect } from './connect.js';
export { workflowBundle } from './bundle.js';
export { runWorkerProcess, SHUTDOWN } from './process.js';
export { slotsOf } from './slots.js';
export { versioning } from './versioning.js';
export { workerStore } from './store.js';
export { startTelemetry, type WorkerTelemetry } from './telemetry.js';
