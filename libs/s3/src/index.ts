export * from './config.js';
export * from './probe.js';
export * from './s3-store.js';
