import { randomUUID } from 'node:crypto';
import { TemperError } from '@temper/contracts';
import type { ObjectStore } from './object-store.js';
import { parseSealed, sealedJson } from './seal.js';
import { isConflict, putConditional } from './write.js';

/** What is stored. `write` tells this write from another one of the same value, so that a lost answer can be told from a lost race. */
interface Stored<T> {
  readonly value: T;
  readonly write: string;
}

export interface Pointed<T> {
  readonly value: T;
  readonly etag: string;
}

/** A small JSON value that moves only by conditional writes: a reader sees the old or the new value, never a mix. */
export class Pointer<T> {
  constructor(
    private readonly store: ObjectStore,
    readonly key: string,
  ) {}

  async read(): Promise<Pointed<T> | undefined> {
    const found = await this.store.get(this.key);
    return found && { value: parseSealed<Stored<T>>(found).value, etag: found.etag };
  }

  /** Writes `value` if the pointer is still at `expected` (undefined: not there yet); else throws STORE_CONFLICT. */
  async compareAndSwap(expected: string | undefined, value: T): Promise<string> {
    const condition = expected === undefined ? ({ ifNoneMatch: '*' } as const) : { ifMatch: expected };
    const stored: Stored<T> = { value, write: randomUUID() };
    return (await putConditional(this.store, this.key, sealedJson(stored), condition)).etag;
  }

  /**
   * Reads, changes, swaps, and starts again after a lost race. `change` returns undefined to leave the pointer as it is.
   * Returns the value that is in force afterwards.
   */
  async update(change: (current: T | undefined) => T | undefined, attempts = 50): Promise<T | undefined> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const current = await this.read();
      const next = change(current?.value);
      if (next === undefined) return current?.value;
      try {
        await this.compareAndSwap(current?.etag, next);
        return next;
      } catch (error) {
        if (!isConflict(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * (attempt + 1)));
      }
    }
    throw new TemperError('STORE_CONFLICT', {
      path: this.key,
      message: `lost ${attempts} races in a row for this pointer`,
    });
  }
}
