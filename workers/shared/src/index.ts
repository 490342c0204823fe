export { connect } from './connect.js';
export { runWorkerProcess, SHUTDOWN } from './process.js';
export { startTelemetry, type WorkerTelemetry } from './telemetry.js';
export { versioning } from './versioning.js';
export { workerStore } from './store.js';
