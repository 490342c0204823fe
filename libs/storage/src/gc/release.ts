import { randomUUID } from 'node:crypto';
import type { Digest } from '@temper/contracts';
import { hexOf } from '../digest.js';
import type { ObjectStore } from '../object-store.js';
import { sealedJson } from '../seal.js';

/** What a person has deleted: the next collection takes what only that kept, however young it is, and says by what rule. */
export interface Release {
  readonly rule: string;
  /** Entries of the registry, pointers, lists: whatever referred to artifacts. */
  readonly references: unknown;
}

export const RELEASES = 'gc/released/';

export async function release(store: ObjectStore, released: Release): Promise<void> {
  await store.put(`${RELEASES}${randomUUID()}.json`, sealedJson(released));
}

/** What no version keeps any longer, although it was made from it: only runs that go on do. */
export const WITHDRAWN = 'gc/withdrawn/';

export async function withdraw(store: ObjectStore, digest: Digest, rule: string): Promise<void> {
  await store.put(`${WITHDRAWN}${hexOf(digest)}.json`, sealedJson({ digest, rule }));
}
