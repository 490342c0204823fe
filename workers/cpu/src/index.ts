export { connect } from './connect.js';
export { workflowBundle } from './bundle.js';
export { installLogger } from './logging.js';
export { runWorkerProcess, SHUTDOWN } from './process.js';
export { slotsOf } from './slots.js';
export { versioning } from './versioning.js';
export { workerStore } from './store.js';
