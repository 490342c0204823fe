import { TemperError, type ArtifactManifest, type Digest } from '@temper/contracts';
import { assertDigest } from './blob-cache.js';
import { digestOfBytes } from './digest.js';
import { manifestKey } from './keys.js';
import type { ObjectStore } from './object-store.js';
import { parseJson } from './write.js';

/** The manifest of a digest, verified; NOT_FOUND where there is none, or one that this Temper does not read. */
export async function readManifest(store: ObjectStore, digest: Digest): Promise<ArtifactManifest> {
  const key = manifestKey(digest);
  const found = await store.get(key);
  if (!found) throw new TemperError('NOT_FOUND', { path: key, message: 'the store has no such artifact' });
  assertDigest(key, digest, digestOfBytes(found.bytes));
  const manifest = parseJson<ArtifactManifest>(found.bytes);
  if (manifest.version !== 1) {
    throw new TemperError('NOT_FOUND', {
      path: key,
      message: 'a manifest of a version that this Temper does not read',
      found: String(manifest.version),
      allowed: '1',
    });
  }
  return manifest;
}
