export { issuedCertificate, loopbackCertificate, type Certificate } from './certificate.js';
export { serverBinary, findBinary, type ServerBinary } from './binaries.js';
export { cacheFolder } from './cache-folder.js';
export { doctor, type Check } from './doctor.js';
export { requirePort } from './ports.js';
export { stateFolder } from './state-folder.js';
export { DOWN, readPrivateJson, UnreadableState, writePrivateJson } from './private-file.js';
export {
  goneWithin,
  identify,
  isAlive,
  isIdentity,
  signal,
  type ProcessIdentity,
} from './process-identity.js';
export { vacuumStore } from './vacuum.js';
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
export type { UiPort } from './temporal-server.js';
