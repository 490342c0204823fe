export { createNodes, createNodes as createNodesV2 } from './plugin/create-nodes.js';
export type { TemperNxOptions } from './plugin/options.js';
