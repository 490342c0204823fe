export { createSessionFactory } from './session.js';
export { probeProvider } from './probe.js';
export { softwareGpuEnvironment } from './software-gpu.js';
