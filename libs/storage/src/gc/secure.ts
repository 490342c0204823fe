import type { ArtifactManifest, ArtifactRef, Digest } from '@temper/contracts';
import { digestOfBytes, hexOf } from '../digest.js';
import { blobKey, manifestKey } from '../keys.js';
import { findManifest } from '../manifest.js';
import type { ObjectStore } from '../object-store.js';
import { eachLimited } from '../parallel.js';
import { awaitSweep, type Waiting } from './barrier.js';
import { writeHold } from './holds.js';
import { blobsOf, type Part } from './references.js';

/**
 * Names what is about to be written or referred to, before any of it is; then waits for a collection that is taking it.
 * Returns whether one was: then what seems to be there has to be written again.
 */
export async function holdKeys(
  store: ObjectStore,
  id: Digest,
  keys: readonly string[],
  waiting?: Waiting,
): Promise<{ readonly swept: boolean }> {
  await writeHold(store, hexOf(id), keys);
  return awaitSweep(store, keys, waiting);
}

export const holdArtifact = (
  store: ObjectStore,
  digest: Digest,
  { files }: Pick<ArtifactManifest, 'files'>,
  waiting?: Waiting,
) =>
  holdKeys(
    store,
    digest,
    [manifestKey(digest), ...new Set(files.map((file) => blobKey(file.digest)))],
    waiting,
  );

/**
 * Makes sure of what was stored before: from now on no collection takes it, for as long as the run goes on in whose name
 * this is called (`heldBy`), or for the grace period. Returns whether all of it is there; `part`: or only what is needed.
 */
export async function secureArtifact(
  store: ObjectStore,
  { digest }: Pick<ArtifactRef, 'digest'>,
  { part = 'whole', waiting }: { readonly part?: Part; readonly waiting?: Waiting | undefined } = {},
): Promise<boolean> {
  const manifest = await findManifest(store, digest);
  if (!manifest) return false;
  await holdArtifact(store, digest, manifest, waiting);
  const needed = new Set(blobsOf(manifest, part));
  const there = await eachLimited(
    manifest.files.filter((file) => needed.has(blobKey(file.digest))),
    4,
    async (file) => (await store.head(blobKey(file.digest)))?.size === file.bytes,
  );
  return there.every(Boolean) && (await store.head(manifestKey(digest))) !== undefined;
}

/** The same for a single blob, by its key. */
export async function secureBlob(store: ObjectStore, key: string, waiting?: Waiting): Promise<boolean> {
  await holdKeys(store, digestOfBytes(key), [key], waiting);
  return (await store.head(key)) !== undefined;
}
