export { gpuDevices, isSoftwareGpu } from './software.js';
export { checkProvider } from './check-provider.js';
