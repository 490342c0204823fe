export { PreprocessPlugin, preprocessActivities } from './plugin.js';
