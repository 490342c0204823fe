export { s3ConfigFrom, s3Environment, type S3Keys, type S3Config, type Environment } from './config.js';
export type { OnRequest } from './observe.js';
export { S3Store, createS3Store, ensureBucket, type StoreRole, type S3StoreOptions } from './s3-store.js';
export { createSourceStore, bucketsOf } from './source-store.js';
