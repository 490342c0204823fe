export { driftFrom } from './drift.js';
export { NotifyPlugin, notifyActivities } from './plugin.js';
export { postAlert } from './post.js';
