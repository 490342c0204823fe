import type { ArtifactManifest, Digest, TemperError } from '@temper/contracts';
import { assertDigest } from '../blob-cache.js';
import { digestIn, digestOfBytes } from '../digest.js';
import { inventoryOf, type Inventory } from '../gc/inventory.js';
import { referencesIn, referencesOf } from '../gc/references.js';
import { takenBy } from '../gc/taken.js';
import { blobKey, manifestKey } from '../keys.js';
import type { ObjectStore } from '../object-store.js';
import { eachLimited } from '../parallel.js';
import { isDamage, parseSealed, unsealed } from '../seal.js';
import { digestAt } from '../stored-digest.js';
import { parseJson } from '../write.js';
import { prefixes } from './prefixes.js';

const AT_ONCE = 8;

export interface StoreProblem {
  readonly key: string;
  readonly message: string;
}

export interface StoreCheck {
  readonly objects: number;
  readonly bytes: number;
  /** Not what was written. */
  readonly damaged: readonly StoreProblem[];
  /** Referred to and not there, and taken by no rule. */
  readonly missing: readonly StoreProblem[];
}

interface Found {
  readonly damaged: StoreProblem[];
  /** Key -> who refers to it. */
  readonly missing: Map<string, string>;
}

/**
 * Reads everything that Temper has in a store: whether each object is what was written, and whether all that one refers to is
 * there. What a retention took is not missing. `contents`: also the bytes of every blob; else their sizes alone.
 */
export async function checkStore(store: ObjectStore, { contents = true } = {}): Promise<StoreCheck> {
  const inventory = await inventoryOf(store, prefixes);
  const found: Found = { damaged: [], missing: new Map() };
  await eachLimited([...inventory.keys()], AT_ONCE, async (key) => {
    try {
      if (key.startsWith('blobs/')) {
        if (contents) await checkBlob(store, key);
      } else if (key.startsWith('manifests/')) await checkManifest(store, key, inventory, found);
      else await checkRecord(store, key, inventory, found);
    } catch (error) {
      if (!isDamage(error)) throw error;
      found.damaged.push({ key, message: (error as TemperError).message });
    }
  });
  const bytes = [...inventory.values()].reduce((sum, { size }) => sum + size, 0);
  const missing = [...found.missing].map(([key, by]) => ({ key, message: `${by} refers to it` }));
  return { objects: inventory.size, bytes, damaged: found.damaged, missing };
}

async function checkBlob(store: ObjectStore, key: string): Promise<void> {
  const found = await digestAt(store, key);
  if (found !== undefined) assertDigest(key, digestIn(key), found);
}

async function checkManifest(store: ObjectStore, key: string, inventory: Inventory, found: Found) {
  const object = await store.get(key);
  if (!object) return;
  assertDigest(key, digestIn(key), digestOfBytes(object.bytes));
  const manifest = parseJson<ArtifactManifest>(object.bytes);
  const lacking = manifest.files.filter(
    ({ digest, bytes }) => inventory.get(blobKey(digest))?.size !== bytes,
  );
  const taken = lacking.length ? await takenBy(store, { digest: digestIn(key) }) : undefined;
  for (const { path, digest } of lacking)
    if (!taken?.files?.includes(path)) found.missing.set(blobKey(digest), `${path} of ${key}`);
  // Its single blob is the text of the spec, which a version may name without that it is stored.
  const { references } = referencesOf(manifest, 'whole');
  for (const { digest } of references) await expectArtifact(store, digest, key, inventory, found);
}

async function checkRecord(store: ObjectStore, key: string, inventory: Inventory, found: Found) {
  const object = await store.get(key);
  if (!object) return;
  const isJson = key.endsWith('.json') || key.startsWith('refs/');
  if (!isJson) return void (key.endsWith('.jsonl') && unsealed(object));
  const value = parseSealed<unknown>(object);
  // A hold names what may come; an entry of the cache that leads nowhere is no hit.
  if (key.startsWith('gc/') || key.startsWith('cache/') || key.includes('/holds/')) return;
  const { artifacts, blobs } = referencesIn(value);
  for (const blob of blobs) if (!inventory.has(blob)) found.missing.set(blob, key);
  for (const { digest } of artifacts) await expectArtifact(store, digest, key, inventory, found);
}

async function expectArtifact(
  store: ObjectStore,
  digest: Digest,
  by: string,
  inventory: Inventory,
  found: Found,
) {
  const key = manifestKey(digest);
  if (inventory.has(key) || found.missing.has(key) || (await takenBy(store, { digest }))) return;
  found.missing.set(key, by);
}
