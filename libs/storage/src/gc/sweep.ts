import type { ArtifactManifest, Digest } from '@temper/contracts';
import { digestIn } from '../digest.js';
import { blobKey, manifestKey } from '../keys.js';
import type { ObjectInfo, ObjectStore } from '../object-store.js';
import { eachLimited } from '../parallel.js';
import { sealedList } from '../seal.js';
import type { Decision } from './decide.js';
import type { Beat, Reader } from './inventory.js';
import { condemnedKey, type Sweep } from './sweep-state.js';
import { recordTaken } from './taken.js';

const AT_ONCE = 8;
const BATCH = 64;
/** The list that writers read while it sweeps is kept small; what is left over is for the next collection. */
const MAX_CONDEMNED = 100_000;

export interface SweepOrder {
  readonly decision: Decision;
  /** A sign of life; throws where the collection is to end. */
  readonly beat: Beat;
  readonly reader: Reader;
  /** Looks at the roots again; returns what may still go. */
  readonly again: () => Promise<(info: ObjectInfo) => boolean>;
  /** By the store's clock. */
  readonly now: number;
}

/**
 * Announces what is condemned, looks again, deletes the rest: what refers first, then manifests, then blobs, so that no
 * reader meets a manifest whose blobs have gone before it. Returns the keys that were deleted.
 */
export async function sweepObjects(
  store: ObjectStore,
  sweep: Sweep,
  wanted: readonly ObjectInfo[],
  order: SweepOrder,
): Promise<Set<string>> {
  const condemned = [...wanted].sort((a, b) => rank(a) - rank(b)).slice(0, MAX_CONDEMNED);
  const list = condemnedKey(sweep.state);
  await store.put(list, sealedList(condemned.map(({ key }) => key)));
  const removed = new Set<string>();
  await sweep.move('sweeping');
  const mayGo = await order.again();
  const going = condemned.filter(mayGo);
  await record(store, going, order);
  await inBatches(order.beat, going, async (info) => {
    if (await remove(store, sweep, info)) removed.add(info.key);
  });
  await sweep.move('idle');
  await removeOldLists(store, sweep);
  return removed;
}

/** With a sign of life before each batch. */
async function inBatches<T>(beat: Beat, items: readonly T[], work: (item: T) => Promise<void>) {
  for (let at = 0; at < items.length; at += BATCH) {
    await beat();
    await eachLimited(items.slice(at, at + BATCH), AT_ONCE, work);
  }
}

/** Only the very object that was decided about: one that was written again since stays. */
async function remove(
  store: ObjectStore,
  sweep: Sweep,
  { key, modified, etag }: ObjectInfo,
): Promise<boolean> {
  const found = await store.head(key);
  if (!found || found.modified !== modified || found.etag !== etag) return false;
  sweep.assertAlive();
  await store.delete(key);
  return true;
}

const rank = ({ key }: ObjectInfo) => (key.startsWith('blobs/') ? 2 : key.startsWith('manifests/') ? 1 : 0);

/** Which rule takes which artifact, before it goes: a collection that is killed has said it. */
async function record(store: ObjectStore, going: readonly ObjectInfo[], order: SweepOrder) {
  const keys = new Set(going.map(({ key }) => key));
  const at = new Date(order.now).toISOString();
  const ofReleases = new Map(order.decision.marking.releases.map(({ digest, rule }) => [digest, rule]));
  const ofManifests = going
    .filter((info) => rank(info) === 1)
    .map(({ key }): [Digest, string] => [
      digestIn(key),
      order.decision.marking.released.get(key) ?? 'nothing referred to it',
    ]);
  const all = new Map([...ofManifests, ...ofReleases]);
  await inBatches(order.beat, [...all], async ([digest, rule]) => {
    const manifest = await order.reader.manifest(digest).catch(() => undefined);
    const files = manifest ? filesIn(manifest, keys) : [];
    const whole = keys.has(manifestKey(digest));
    if (!whole && !files.length) return;
    const { kind } = manifest ?? {};
    await recordTaken(store, { digest, ...(kind ? { kind } : {}), rule, at, ...(whole ? {} : { files }) });
  });
}

const filesIn = ({ files }: ArtifactManifest, keys: ReadonlySet<string>) =>
  files.filter(({ digest }) => keys.has(blobKey(digest))).map(({ path }) => path);

/** Of this collection and of those that were killed. */
async function removeOldLists(store: ObjectStore, sweep: Sweep): Promise<void> {
  for await (const { key } of store.list('gc/condemned/')) {
    if (Number(/condemned\/(\d+)-/.exec(key)?.[1]) <= sweep.state.epoch) await store.delete(key);
  }
}
