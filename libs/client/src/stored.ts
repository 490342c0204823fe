import { storedName, TemperError, type ArtifactRef } from '@temper/contracts';
import {
  heldBy,
  manifestKey,
  secureArtifact,
  parseSealed,
  sealedJson,
  storedKey,
  takenBy,
  takenWords,
  uriOf,
  type ObjectStore,
} from '@temper/storage';

interface Stored {
  readonly ref: ArtifactRef<'source'>;
  readonly name: string;
}

/**
 * Files of clients, `stored:DIGEST/NAME` in a spec: no collection takes them as long as something is to read them. A run
 * that waits in a queue has read nothing yet, so it is the client that holds them.
 */
export class StoredSources {
  constructor(private readonly store: ObjectStore | undefined) {}

  get connected(): boolean {
    return this.store !== undefined;
  }

  /**
   * For as long as a run or sweep goes on; without `owner` for the grace period of collections.
   * @throws TemperError NOT_FOUND where they are gone, STORE_UNAVAILABLE where this client has no store
   */
  async hold(spec: unknown, owner?: string): Promise<void> {
    for (const { ref, name } of this.#in(spec)) {
      const store = this.#store(name);
      const secure = () => secureArtifact(store, ref);
      if (await (owner === undefined ? secure() : heldBy(owner, secure))) continue;
      const taken = await takenBy(store, ref);
      throw new TemperError('NOT_FOUND', {
        path: name,
        message: 'the store no longer has what was stored of it',
        found: taken ? takenWords(taken) : ref.digest,
        hint: 'store it again from the machine that has it: temper run does, and so does upload of a program',
      });
    }
  }

  /**
   * For the runs of a schedule, until it reads something else. What it read and what it will read are both kept while `change`
   * is under way; where that fails, all is as before.
   */
  async keeping<T>(prefix: string, id: string, spec: unknown, change: () => Promise<T>): Promise<T> {
    const after = this.#in(spec).map(({ ref }) => ref);
    if (!this.store) {
      if (after.length) this.#store(id);
      return change();
    }
    await this.hold(spec);
    const { store } = this;
    const key = storedKey(prefix, id);
    const before = await readRefs(store, key);
    const write = (refs: readonly object[]) => writeRefs(store, key, refs);
    if (after.length) await write([...before, ...after]);
    try {
      const changed = await change();
      if (before.length || after.length) await write(after);
      return changed;
    } catch (error) {
      if (after.length) await write(before);
      throw error;
    }
  }

  #in(spec: unknown): Stored[] {
    const found = stringsIn(spec).flatMap((uri) => {
      const stored = uri.startsWith('stored:') ? storedName(uri.slice('stored:'.length)) : undefined;
      return stored ? [stored] : [];
    });
    return found.map(({ digest, name }) => {
      const uri = uriOf(this.store ?? { bucket: '' }, manifestKey(digest));
      return { ref: { kind: 'source', digest, uri }, name };
    });
  }

  #store(path: string): ObjectStore {
    if (this.store) return this.store;
    throw new TemperError('STORE_UNAVAILABLE', {
      path,
      message:
        'this client was connected without an object store, so it cannot keep what a pipeline names of it',
      hint: 'TemperClient.connect({store: createS3Store()})',
    });
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

async function readRefs(store: ObjectStore, key: string): Promise<readonly object[]> {
  const found = await store.get(key);
  if (!found) return [];
  return parseSealed<{ sources: object[] }>(found).sources;
}

async function writeRefs(store: ObjectStore, key: string, sources: readonly object[]): Promise<void> {
  if (!sources.length) return store.delete(key);
  await store.put(key, sealedJson({ sources }));
}
