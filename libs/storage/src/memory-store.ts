import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { TemperError } from '@temper/contracts';
import type { ObjectBody, ObjectInfo, ObjectStore, PutCondition, ReadOptions } from './object-store.js';

/** The port in memory, for tests of what is built on it. It passes the same contract suite as a real store. */
export class MemoryStore implements ObjectStore {
  readonly #objects = new Map<string, { bytes: Uint8Array; etag: string; modified: number }>();

  constructor(
    readonly bucket = 'temper',
    /** The store's own clock, in milliseconds since 1970. */
    private readonly clock: () => number = Date.now,
  ) {}

  async get(key: string) {
    const found = this.#objects.get(key);
    if (!found) return undefined;
    const { etag, modified } = found;
    return { key, bytes: new Uint8Array(found.bytes), size: found.bytes.length, etag, modified };
  }

  async getStream(key: string, { first, last }: ReadOptions = {}) {
    const found = await this.get(key);
    if (!found) return undefined;
    const { bytes, ...info } = found;
    return {
      ...info,
      stream: inPieces(last === undefined ? bytes.subarray(0, first) : bytes.subarray(-last), 64 * 1024),
    };
  }

  async head(key: string) {
    const found = this.#objects.get(key);
    return found && { key, size: found.bytes.length, etag: found.etag, modified: found.modified };
  }

  async put(key: string, body: ObjectBody, condition: PutCondition = {}) {
    const bytes = await collect(body);
    // No await from here on: the check and the write are one step.
    const current = this.#objects.get(key);
    const lost =
      (condition.ifNoneMatch !== undefined && current !== undefined) ||
      (condition.ifMatch !== undefined && current?.etag !== condition.ifMatch);
    if (lost) {
      throw new TemperError('STORE_CONFLICT', {
        path: key,
        message: 'the condition of the write was not met',
      });
    }
    const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
    this.#objects.set(key, { bytes, etag, modified: Math.floor(this.clock() / 1000) * 1000 });
    return { etag };
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix));
    for (const key of keys) {
      const info = await this.head(key);
      if (info) yield info;
    }
  }

  async delete(key: string) {
    this.#objects.delete(key);
  }
}

async function collect(body: ObjectBody): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  if ('file' in body) return readFile(body.file);
  const pieces: Uint8Array[] = [];
  for await (const piece of 'open' in body ? body.open() : body.stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
