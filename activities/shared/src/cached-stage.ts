import type { ArtifactRef, Digest, StageName } from '@temper/contracts';
import { canonicalJson, parseUri, stageKey } from '@temper/storage';
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
  stage: StageName,
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

async function complete({ artifacts }: Pick<StagePorts, 'artifacts'>, value: object): Promise<boolean> {
  const there = await Promise.all([
    ...referencesIn(value, isRef).map((ref) => artifacts.isComplete(ref)),
    ...referencesIn(value, isBlobUri).map((uri) => artifacts.store.head(parseUri(uri).key)),
  ]);
  return there.every(Boolean);
}

/** References anywhere in a value: large metrics name a blob, too. */
function referencesIn<T>(value: unknown, is: (value: unknown) => value is T): T[] {
  if (is(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((member) => referencesIn(member, is));
}

const isBlobUri = (value: unknown): value is string =>
  typeof value === 'string' && /^s3:\/\/[^/]+\/blobs\//.test(value);

const isRef = (value: unknown): value is ArtifactRef =>
  typeof value === 'object' && value !== null && 'kind' in value && 'digest' in value && 'uri' in value;

/**
 * The value as a later hit will read it, to the order of its members: what is made from it does not tell a hit from a
 * miss. Numbers without a JSON form (an infinite perplexity) are null.
 */
const asStored = <T>(value: T): T => JSON.parse(canonicalJson(JSON.parse(JSON.stringify(value)))) as T;
