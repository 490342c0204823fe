import { TemperError, type ArtifactManifest, type Digest } from '@temper/contracts';
import { manifestKey } from '../keys.js';
import { manifestIn } from '../manifest.js';
import type { ObjectInfo, ObjectStore } from '../object-store.js';
import { parseSealed } from '../seal.js';

/**
 * What is listed to find out what refers to what, in this order: what is held first, then where it is referred to for
 * good, so that a reference that moves on meanwhile is met at least once. Nothing else is ever looked at, or removed.
 */
export const ROOTS = ['gc/', 'runs/', 'cache/', 'refs/', 'registry/'] as const;
export const CONTENT = ['manifests/', 'blobs/'] as const;

/** Key -> what the store says of it, at one time. */
export type Inventory = ReadonlyMap<string, ObjectInfo>;

/** Called again and again while a collection looks at things: its sign of life, where there is one to give. */
export type Beat = () => Promise<void>;
const noBeat: Beat = () => Promise.resolve();

export const inventoryOfRoots = (store: ObjectStore, beat: Beat) => inventoryOf(store, ROOTS, beat);
export const inventoryOfRuns = (store: ObjectStore, beat: Beat) => inventoryOf(store, ['runs/'], beat);
export const inventoryOfContent = (store: ObjectStore, beat: Beat) => inventoryOf(store, CONTENT, beat);

/** Of a page: what is said of so many objects comes with one answer. */
const PAGE = 1000;

export async function inventoryOf(
  store: ObjectStore,
  prefixes: readonly string[],
  beat = noBeat,
): Promise<Inventory> {
  const found = new Map<string, ObjectInfo>();
  for (const prefix of prefixes) {
    await beat();
    for await (const info of store.list(prefix)) {
      found.set(info.key, info);
      if (found.size % PAGE === 0) await beat();
    }
  }
  return found;
}

/** Reads each version of an object once, and each manifest once: what is content-addressed does not change. */
export class Reader {
  readonly #values = new Map<string, { readonly etag: string; readonly value: unknown }>();
  readonly #manifests = new Map<Digest, ArtifactManifest>();

  constructor(
    private readonly store: ObjectStore,
    private readonly beat = noBeat,
  ) {}

  /** Undefined where it is gone. @throws TemperError STORE_REFUSED where it cannot be told what it refers to */
  async json<T>({ key, etag }: Pick<ObjectInfo, 'key' | 'etag'>): Promise<T | undefined> {
    const known = this.#values.get(key);
    if (known?.etag === etag) return known.value as T;
    await this.beat();
    const found = await this.store.get(key);
    if (!found) return undefined;
    const value = parsed(key, () => parseSealed<T>(found));
    this.#values.set(key, { etag: found.etag, value });
    return value;
  }

  /** Verified; undefined where there is none. @throws TemperError STORE_REFUSED where it is damaged */
  async manifest(digest: Digest): Promise<ArtifactManifest | undefined> {
    const known = this.#manifests.get(digest);
    if (known) return known;
    await this.beat();
    const key = manifestKey(digest);
    const found = await this.store.get(key);
    if (!found) return undefined;
    const manifest = parsed(key, () => manifestIn(digest, found));
    this.#manifests.set(digest, manifest);
    return manifest;
  }
}

function parsed<T>(key: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw damaged(key);
  }
}

/** What it referred to would look like garbage. */
const damaged = (key: string) =>
  new TemperError('STORE_REFUSED', {
    path: key,
    message: 'the object is damaged: what it refers to cannot be told, so nothing is removed',
    hint: 'restore it from a backup, or remove it where nothing needs it',
  });
