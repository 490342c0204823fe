export * from './config.js';
export type { OnRequest } from './observe.js';
export * from './probe.js';
export * from './s3-store.js';
export * from './source-store.js';
