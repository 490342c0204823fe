export { EvaluatePlugin, evaluateActivities } from './plugin.js';
