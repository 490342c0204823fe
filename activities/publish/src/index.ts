export { modelCard } from './model-card.js';
export { PublishPlugin, publishActivities } from './plugin.js';
