export { engineHere, exactEngine } from './engine.js';
export { graphsInKey, graphsInWords, graphsOf } from './graphs.js';
export { deviceParts, devicePorts, deviceShape, type DeviceOptions } from './options.js';
export { fingerprint } from './fingerprint.js';
export type { DevicePorts, TrainerObserver } from './ports.js';
export { damageOf, superviseTrainer } from './supervise.js';
export { trainerProgram } from './trainer-program.js';
