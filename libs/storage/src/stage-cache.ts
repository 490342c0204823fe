import type { Digest } from '@temper/contracts';
import { digestOf } from './digest.js';
import { cacheKey } from './keys.js';
import type { ObjectStore } from './object-store.js';
import { isDamage, parseSealed, sealedJson } from './seal.js';

/** Key of a stage's result: digest of (version of the stage's code, digests of its inputs, the part of the spec it reads). */
export function stageKey(parts: {
  readonly code: string;
  readonly inputs: readonly string[];
  readonly spec: unknown;
}): Digest {
  return digestOf({ code: parts.code, inputs: parts.inputs, spec: parts.spec });
}

/** Results of stages by what they were made from. An entry is a reference; the content lies in artifacts. */
export class StageCache {
  constructor(private readonly store: ObjectStore) {}

  /** Undefined also where the entry is damaged: the stage does its work again, and writes it anew. */
  async get<T>(stage: string, key: Digest): Promise<T | undefined> {
    try {
      const found = await this.store.get(cacheKey(stage, key));
      return found && parseSealed<T>(found);
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
  }

  async put(stage: string, key: Digest, value: unknown): Promise<void> {
    await this.store.put(cacheKey(stage, key), sealedJson(value));
  }

  async forget(stage: string, key: Digest): Promise<void> {
    await this.store.delete(cacheKey(stage, key));
  }
}
