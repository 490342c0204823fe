import { TemperError, type ArtifactManifest, type Digest } from '@temper/contracts';
import { assertDigest } from './blob-cache.js';
import { digestOfBytes } from './digest.js';
import { manifestKey } from './keys.js';
import type { ObjectStore, StoredObject } from './object-store.js';
import { parseJson } from './write.js';

/** The manifest of a digest in what is stored of it. @throws TemperError BLOB_CORRUPT where that is something else */
export function manifestIn(digest: Digest, { bytes }: Pick<StoredObject, 'bytes'>): ArtifactManifest {
  assertDigest(manifestKey(digest), digest, digestOfBytes(bytes));
  return parseJson<ArtifactManifest>(bytes);
}

/** The same, of any version; undefined where there is none. */
export async function findManifest(
  store: ObjectStore,
  digest: Digest,
): Promise<ArtifactManifest | undefined> {
  const found = await store.get(manifestKey(digest));
  return found && manifestIn(digest, found);
}

/** The same; NOT_FOUND where there is none, or one that this Temper does not read. */
export async function readManifest(store: ObjectStore, digest: Digest): Promise<ArtifactManifest> {
  const key = manifestKey(digest);
  const manifest = await findManifest(store, digest);
  if (!manifest) throw new TemperError('NOT_FOUND', { path: key, message: 'the store has no such artifact' });
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
