import { TemperError, type Digest } from '@temper/contracts';
import { hexOf } from './digest.js';
import type { ObjectStore } from './object-store.js';

const sharded = (digest: Digest) => `sha256/${hexOf(digest).slice(0, 2)}/${hexOf(digest)}`;

/** Where things lie in the bucket; nothing else builds keys of these. */
export const blobKey = (digest: Digest) => `blobs/${sharded(digest)}`;
export const manifestKey = (digest: Digest) => `manifests/${sharded(digest)}.json`;
export const versionPrefix = (name: string) => `registry/models/${name}/versions/`;
export const versionKey = (name: string, version: number) => `${versionPrefix(name)}${version}.json`;
/** Of versions that were deleted. */
export const deletedPrefix = (name: string) => `registry/models/${name}/deleted/`;
export const deletedKey = (name: string, version: number) => `${deletedPrefix(name)}${version}.json`;
/** Of a version's signatures, one a key. */
export const signaturePrefix = (name: string, version: number) => `registry/signatures/${name}/${version}/`;
export const signatureKey = (name: string, version: number, keyId: string) =>
  `${signaturePrefix(name, version)}${keyId}.json`;
export const approvalKey = (name: string, version: number) => `registry/approvals/${name}/${version}.json`;
export const protectionPrefix = (name: string) => `registry/protected/${name}/`;
export const protectionKey = (name: string, alias: string) => `${protectionPrefix(name)}${alias}.json`;
export const aliasPrefix = (name: string) => `refs/models/${name}/`;
export const aliasKey = (name: string, alias: string) => `${aliasPrefix(name)}${alias}`;
export const checkpointKey = (runId: string) => `refs/runs/${runId}/checkpoint`;
/** Trainings that are about to leave a device of a queue. */
export const leavingKey = (queue: string) => `refs/preemptions/${queue}`;
/** Below a run's prefix: what its pipeline says of how long things are kept. */
export const RETENTION_FILE = 'retention.json';
/** What was stored of a client's files for the runs of a schedule. */
export const storedPrefix = 'refs/stored/';
export const storedKey = (prefix: string, schedule: string) => `${storedPrefix}${prefix}.${schedule}.json`;
export const runPrefix = (runId: string) => `runs/${runId}/`;
export const cacheKey = (stage: string, digest: Digest) => `cache/${stage}/${hexOf(digest)}.json`;

export const uriOf = (store: Pick<ObjectStore, 'bucket'>, key: string) => `s3://${store.bucket}/${key}`;

/** Bucket and key of an `s3://` URI. */
export function parseUri(uri: string): { bucket: string; key: string } {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  if (!match) {
    throw new TemperError('NOT_FOUND', {
      path: uri,
      message: 'not the address of an object',
      allowed: 's3://BUCKET/KEY',
    });
  }
  return { bucket: match[1]!, key: match[2]! };
}
