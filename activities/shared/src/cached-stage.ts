import type { Digest } from '@temper/contracts';
import { canonicalJson, referencesIn, stageKey } from '@temper/storage';
import type { StagePorts } from './ports.js';

export interface CacheEntry {
  /** Version of the stage's code: raise it where equal inputs give another result than before. */
  readonly code: string;
  readonly inputs: readonly Digest[];
  /** The part of the spec that the stage reads. */
  readonly spec: unknown;
}

/**
 * The result of an equal earlier execution, else of `work`. An entry counts only while every artifact that it refers
 * to is there with all its blobs, so the store may be cleaned at any time. `fresh` skips the look-up, not the entry;
 * a value that `keep` refuses makes none.
 */
export async function cachedStage<T extends object>(
  ports: Pick<StagePorts, 'artifacts' | 'cache'>,
  stage: string,
  entry: CacheEntry,
  fresh: boolean | undefined,
  work: () => Promise<T>,
  { keep = () => true }: { readonly keep?: (value: T) => boolean } = {},
): Promise<T & { readonly cached: boolean }> {
  const key = stageKey(entry);
  const found = fresh ? undefined : await ports.cache.get<T>(stage, key);
  if (found && (await complete(ports, found))) return { ...found, cached: true };
  const value = asStored(await work());
  if (keep(value)) await ports.cache.put(stage, key, value);
  return { ...value, cached: false };
}

/** Held in the run's name first, then looked at: a collection that is at work takes none of it any more. */
async function complete({ artifacts }: Pick<StagePorts, 'artifacts'>, value: object): Promise<boolean> {
  const { artifacts: refs, blobs } = referencesIn(value);
  const there = await Promise.all([
    // Who trains on goes from the checkpoints of its own run: of this one the weights are enough.
    ...refs.map((ref) => artifacts.secure(ref, ref.kind === 'checkpoint' ? 'weights' : 'whole')),
    ...blobs.map((key) => artifacts.secureBlob(key)),
  ]);
  return there.every(Boolean);
}

/**
 * The value as a later hit will read it, to the order of its members: what is made from it does not tell a hit from a
 * miss. Numbers without a JSON form (an infinite perplexity) are null.
 */
const asStored = <T>(value: T): T => JSON.parse(canonicalJson(JSON.parse(JSON.stringify(value)))) as T;
