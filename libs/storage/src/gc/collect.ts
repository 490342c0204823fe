import {
  defaultRetention,
  parseAge,
  withRetention,
  type Retention,
  type RetentionSettings,
  type RunState,
} from '@temper/contracts';
import type { ObjectInfo, ObjectStore } from '../object-store.js';
import { Pointer } from '../pointer.js';
import { uploadsIn } from './abandoned-uploads.js';
import { decide, type Asked, type Decision } from './decide.js';
import { inventoryOfContent, Reader, type Inventory } from './inventory.js';
import { observe } from './observe.js';
import type { RunFiles } from './runs.js';
import { sweepObjects } from './sweep.js';
import { storeNow, Sweep, type StopWatch, type SweepState } from './sweep-state.js';

export interface CollectOptions {
  /** Whether a run goes on, by its id. Without it no run is known to have ended. */
  readonly stateOf?: (runId: string) => Promise<RunState>;
  /** Says what would go, and removes nothing. */
  readonly dryRun?: boolean;
  /** For objects that nothing has referred to yet, and for writers outside of runs; default 1h. */
  readonly grace?: string;
  /** Who asks, for people. */
  readonly by?: string;
  /** Ends it between two objects. */
  readonly signal?: AbortSignal | undefined;
  /** How long the collection was held up; for tests. */
  readonly watch?: StopWatch | undefined;
}

/** An object, what becomes of it, and why. */
export interface Verdict {
  readonly key: string;
  readonly bytes: number;
  readonly kept: boolean;
  readonly why: string;
}

export interface CollectReport {
  readonly dryRun: boolean;
  /** Another collection is at work: nothing was done. */
  readonly busy?: SweepState | undefined;
  readonly verdicts: readonly Verdict[];
  /** Referred to, and not there. */
  readonly missing: readonly { readonly key: string; readonly why: string }[];
  readonly retention: Retention;
}

export const retentionPointer = (store: ObjectStore) =>
  new Pointer<RetentionSettings>(store, 'refs/retention');

/** What the store keeps where a pipeline says nothing else. */
export const retentionOfStore = async (store: ObjectStore): Promise<Retention> =>
  withRetention(defaultRetention, (await retentionPointer(store).read())?.value);

/**
 * Removes what no root refers to and no rule keeps. Safe beside everything that writes through an ArtifactStore; killed at
 * any moment it leaves only garbage behind, and the next one goes on.
 * @throws TemperError STORE_REFUSED where an object that refers to others is damaged, STORE_CONFLICT where it was held up
 */
export async function collectGarbage(
  store: ObjectStore,
  options: CollectOptions = {},
): Promise<CollectReport> {
  const { dryRun = false, grace = '1h', by = 'temper gc', signal } = options;
  const retention = await retentionOfStore(store);
  let busy: SweepState | undefined;
  const sweep = dryRun ? undefined : await Sweep.begin(store, by, (state) => (busy = state), options.watch);
  if (busy) return { dryRun, busy, verdicts: [], missing: [], retention };
  // Whoever only looks is not alive to others; a large store takes longer than a lease to look at.
  const beat = async () => {
    signal?.throwIfAborted();
    await sweep?.renew();
  };
  const asked: Asked = {
    reader: new Reader(store, beat),
    now: sweep?.startedAt ?? (await storeNow(store)),
    retention,
    grace: parseAge(grace, '--grace'),
  };
  const stateOf = statesOnce(options.stateOf ?? (() => Promise.resolve('running')));
  // Content first: what is written after this listing is not on it, so it is never looked at.
  const content = await inventoryOfContent(store, beat);
  const uploads = await uploadsIn(store, { now: asked.now, age: asked.grace });
  const observed = await observe(store, stateOf, beat);
  const { roots } = observed;
  const decision = await decide(observed, asked);
  const verdicts = verdictsOf(content, roots, decision, asked);
  const missing = [...decision.marking.missing].map(([key, why]) => ({ key, why }));
  const report = { dryRun, verdicts: [...verdicts, ...uploads.verdicts], missing, retention };
  if (!sweep) return report;
  const condemned = verdicts
    .filter(({ kept }) => !kept)
    .map(({ key }) => (content.get(key) ?? roots.get(key))!);
  const again = async () => {
    const now = await observe(store, stateOf, beat);
    const second = await decide(now, asked);
    return (info: ObjectInfo) => !wouldKeep(info, now.roots, second);
  };
  const removed = await sweepObjects(store, sweep, condemned, {
    decision,
    reader: asked.reader,
    again,
    beat,
    now: asked.now,
  });
  return {
    ...report,
    verdicts: [
      ...verdicts.map((verdict) =>
        verdict.kept || removed.has(verdict.key) ? verdict : { ...verdict, kept: true, why: 'in use again' },
      ),
      ...(await uploads.remove()),
    ],
  };
}

/** By the second look, at roots that may have changed. */
function wouldKeep(
  { key, etag, modified }: ObjectInfo,
  roots: Inventory,
  { marking, expired }: Decision,
): boolean {
  if (marking.reached.has(key)) return true;
  const now = roots.get(key);
  // A root object that is to go must be the one that was decided about.
  return now !== undefined && (!expired.has(key) || now.etag !== etag || now.modified !== modified);
}

function verdictsOf(content: Inventory, roots: Inventory, decision: Decision, asked: Asked): Verdict[] {
  const { marking, expired } = decision;
  const rooted = [...roots.values()].map(({ key, size }): Verdict => {
    const rule = expired.get(key);
    const why = rule ?? marking.reached.get(key) ?? 'a root';
    return { key, bytes: size, kept: rule === undefined, why };
  });
  const found = [...content.values()].map(({ key, size: bytes, modified = asked.now }): Verdict => {
    const why = marking.reached.get(key);
    if (why !== undefined) return { key, bytes, kept: true, why };
    const rule = marking.released.get(key);
    if (rule !== undefined) return { key, bytes, kept: false, why: rule };
    const young = asked.now - modified < asked.grace;
    return { key, bytes, kept: young, why: young ? 'nothing refers to it yet' : 'nothing refers to it' };
  });
  return [...found, ...rooted];
}

/** A run is asked about again only where it has written something since. */
function statesOnce(stateOf: (runId: string) => Promise<RunState>) {
  const known = new Map<string, RunState>();
  return async ({ runId }: RunFiles, signature: string): Promise<RunState> => {
    const key = `${runId}\n${signature}`;
    const state = known.get(key) ?? (await stateOf(runId));
    known.set(key, state);
    return state;
  };
}
