export { IngestPlugin, ingestActivities } from './plugin.js';
