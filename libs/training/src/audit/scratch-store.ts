import { stat } from 'node:fs/promises';
import { TemperError } from '@temper/contracts';
import {
  MemoryStore,
  type ObjectBody,
  type ObjectInfo,
  type ObjectStore,
  type PutCondition,
  type ReadOptions,
} from '@temper/storage';

/**
 * A store that is read, and never written: what is written is seen here alone. Of files only the length is kept: a training reads none of its
 * own back, and a checkpoint may be larger than memory.
 */
export class ScratchStore implements ObjectStore {
  private readonly written = new MemoryStore();
  private readonly files = new Map<string, number>();

  constructor(private readonly store: ObjectStore) {}

  get bucket(): string {
    return this.store.bucket;
  }

  async get(key: string) {
    return (await this.written.get(key)) ?? this.store.get(key);
  }

  async getStream(key: string, options?: ReadOptions) {
    return (await this.written.getStream(key, options)) ?? this.store.getStream(key, options);
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    const size = this.files.get(key);
    if (size !== undefined) return { key, size, etag: 'file' };
    return (await this.written.head(key)) ?? this.store.head(key);
  }

  async put(key: string, body: ObjectBody, condition: PutCondition = {}) {
    if (condition.ifNoneMatch && (await this.head(key))) {
      throw new TemperError('STORE_CONFLICT', { path: key, message: 'the key is not new' });
    }
    if (body instanceof Uint8Array) return this.written.put(key, body, condition);
    this.files.set(key, await lengthOf(body));
    return { etag: 'file' };
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const seen = new Set<string>();
    for (const store of [this.written, this.store]) {
      for await (const info of store.list(prefix)) {
        if (!seen.has(info.key)) yield info;
        seen.add(info.key);
      }
    }
  }

  async delete(key: string) {
    await this.written.delete(key);
    this.files.delete(key);
  }
}

async function lengthOf(body: Exclude<ObjectBody, Uint8Array>): Promise<number> {
  if ('file' in body) return (await stat(body.file)).size;
  if ('size' in body) return body.size;
  let length = 0;
  for await (const piece of body.stream) length += piece.length;
  return length;
}
