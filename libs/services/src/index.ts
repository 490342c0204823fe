export { serverBinary, findBinary, type ServerBinary } from './binaries.js';
export { cacheFolder } from './cache-folder.js';
export { doctor, type Check } from './doctor.js';
export { pins, type ServerName, type ServerPin } from './pins.js';
export {
  runningServices,
  startServices,
  stopServices,
  type S3Service,
  type ServiceAddresses,
  type Services,
  type ServicesOptions,
  type TemporalService,
} from './services.js';
