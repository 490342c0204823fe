export { connectionRefusal } from './refusal.js';
export {
  embeddedEnvironment,
  namesTemporal,
  temporalSettings,
  type Environment,
  type TemporalSettings,
} from './settings.js';
