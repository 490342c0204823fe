export { connect } from './connect.js';
export { heartbeatInterval } from './heartbeat.js';
export { runWorkerProcess } from './process.js';
export { shutdown } from './shutdown.js';
export { startTelemetry, type WorkerTelemetry } from './telemetry.js';
export { versioning } from './versioning.js';
export { workerStore } from './store.js';
