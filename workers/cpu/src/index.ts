export { workflowBundle } from './bundle.js';
