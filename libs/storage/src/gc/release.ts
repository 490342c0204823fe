import { randomUUID } from 'node:crypto';
import { canonicalJson } from '../digest.js';
import type { ObjectStore } from '../object-store.js';
import { encode } from '../write.js';

/** What a person has deleted: the next collection takes what only that kept, however young it is, and says by what rule. */
export interface Release {
  readonly rule: string;
  /** Entries of the registry, pointers, lists: whatever referred to artifacts. */
  readonly references: unknown;
}

export const RELEASES = 'gc/released/';

export async function release(store: ObjectStore, released: Release): Promise<void> {
  await store.put(`${RELEASES}${randomUUID()}.json`, encode(canonicalJson(released)));
}
