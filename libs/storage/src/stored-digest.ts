import { createHash } from 'node:crypto';
import type { Digest } from '@temper/contracts';
import { blobKey } from './keys.js';
import type { ObjectStore } from './object-store.js';

/** Of the bytes that the store itself has under an address, whatever this machine has cached of them; undefined where there are none. */
export const storedDigest = (store: ObjectStore, digest: Digest): Promise<Digest | undefined> =>
  digestAt(store, blobKey(digest));

/** The same of a key. */
export async function digestAt(store: ObjectStore, key: string): Promise<Digest | undefined> {
  const object = await store.getStream(key);
  if (!object) return undefined;
  const hash = createHash('sha256');
  for await (const piece of object.stream) hash.update(piece);
  return `sha256:${hash.digest('hex')}`;
}
