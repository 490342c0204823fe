export { fingerprint } from './fingerprint.js';
export type { DevicePorts, DeviceVersion, TrainerObserver } from './ports.js';
export { damageOf, superviseTrainer } from './supervise.js';
export { trainerProgram } from './trainer-program.js';
