export { gateProblems } from './gate.js';
export { EvaluatePlugin, evaluateActivities } from './plugin.js';
