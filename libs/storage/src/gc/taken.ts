import type { ArtifactKind, Digest } from '@temper/contracts';
import { hexOf } from '../digest.js';
import type { ObjectStore } from '../object-store.js';
import { parseSealed, sealedJson } from '../seal.js';

/** Why an artifact is not there any more, or not whole. */
export interface Taken {
  readonly digest: Digest;
  readonly kind?: ArtifactKind | undefined;
  /** Of the retention, with the value that was in force and what it was said of; or who deleted it. */
  readonly rule: string;
  /** By the store's clock, ISO 8601. */
  readonly at: string;
  /** Paths of the files that were taken; absent where all were, and the manifest. */
  readonly files?: readonly string[] | undefined;
}

export const TAKEN = 'gc/taken/';
const takenKey = (digest: Digest) => `${TAKEN}sha256/${hexOf(digest).slice(0, 2)}/${hexOf(digest)}.json`;

export async function recordTaken(store: ObjectStore, taken: Taken): Promise<void> {
  await store.put(takenKey(taken.digest), sealedJson(taken));
}

/**
 * Which rule took an artifact, and when; undefined where none did. Ask it about what is missing: what was stored again
 * later is there, whatever this says.
 */
export async function takenBy(
  store: ObjectStore,
  { digest }: { readonly digest: Digest },
): Promise<Taken | undefined> {
  const found = await store.get(takenKey(digest));
  return found && parseSealed<Taken>(found);
}

/** `taken on 2026-03-01 by retention.checkpoints: …` */
export const takenWords = ({ rule, at, files }: Taken): string =>
  `${files ? `${files.join(', ')} ` : ''}taken on ${at.slice(0, 10)} at ${at.slice(11, 19)} by ${rule}`;
