import { join } from 'node:path';
import type { ArtifactRef, CheckpointMeta, RunState } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { ArtifactStore } from '../artifact-store.js';
import { digestOf } from '../digest.js';
import { checkpointKey, manifestKey } from '../keys.js';
import { MemoryStore } from '../memory-store.js';
import type { ObjectStore } from '../object-store.js';
import { Pointer } from '../pointer.js';
import { RunStore } from '../run-store.js';
import { StageCache } from '../stage-cache.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { collectGarbage, retentionPointer } from './collect.js';
import { heldBy } from './holds.js';
import { release } from './release.js';
import { SWEEP_KEY, Sweep, sweepPointer } from './sweep-state.js';
import { takenBy, takenWords } from './taken.js';

const HOUR = 3600_000;
const bytes = (text: string) => new TextEncoder().encode(text);
const meta = { columns: {}, rows: {} };

function setUp(folder: string) {
  const clock = { now: 1_000_000_000_000 };
  const store = new MemoryStore('temper', () => clock.now);
  const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'cache') });
  const states: Record<string, RunState> = {};
  const collect = (options: { grace?: string; dryRun?: boolean } = {}) =>
    collectGarbage(store, { stateOf: async (runId) => states[runId] ?? 'unknown', ...options });
  return { clock, store, artifacts, states, collect };
}

/** Steps 1 … 4 of a run, of which the second was the best. */
async function trained({ artifacts, store }: ReturnType<typeof setUp>, runId: string) {
  const refs: ArtifactRef<'checkpoint'>[] = [];
  await heldBy(runId, async () => {
    for (const step of [1, 2, 3, 4]) {
      const best = step >= 2 ? { step: 2, value: 1, digest: refs[1]?.digest ?? 'this' } : undefined;
      const files = {
        'trainable.safetensors': bytes(`weights ${runId} ${step}`),
        'optimizer.safetensors': bytes(`state ${runId} ${step}`),
      };
      const ref = await artifacts.putArtifact('checkpoint', files, {
        step,
        best,
      } as unknown as CheckpointMeta);
      refs.push(ref);
      await new Pointer(store, checkpointKey(runId)).update(() => ({ attempt: 1, step, ref }));
      await new RunStore(store).putCheckpoint(runId, { step, checkpoint: ref, training: 0 }, 1);
    }
  });
  return refs;
}

describe('a collection', () => {
  it('keeps what a run that goes on holds, and takes it when the run has ended', async () => {
    await using folder = await temporaryFolder();
    const { clock, artifacts, states, collect } = setUp(folder.path);
    const files = { 'rows.jsonl': bytes('rows') };
    const ref = await heldBy('run', () => artifacts.putArtifact('dataset', files, meta));
    states.run = 'running';
    clock.now += 1000 * HOUR;
    const first = await collect({ grace: '0s' });
    expect(first.verdicts.find(({ key }) => key === manifestKey(ref.digest))).toMatchObject({
      kept: true,
      why: 'run run goes on',
    });
    states.run = 'ended';
    await collect();
    expect(await artifacts.isComplete(ref)).toBe(false);
    expect(await takenBy(artifacts.store, ref)).toMatchObject({
      kind: 'dataset',
      rule: expect.stringContaining('run run has ended'),
    });
  });

  it('leaves of an ended run the last checkpoint whole and the weights of the best, and says what took the others', async () => {
    await using folder = await temporaryFolder();
    const set = setUp(folder.path);
    const { artifacts, states, collect, store } = set;
    const refs = await trained(set, 'run');
    states.run = 'ended';
    const dry = await collect({ dryRun: true });
    expect(await artifacts.isComplete(refs[0]!)).toBe(true);
    const report = await collect();
    const gone = (kept: { verdicts: typeof dry.verdicts }) =>
      kept.verdicts
        .filter((v) => !v.kept)
        .map(({ key }) => key)
        .sort();
    expect(gone(report)).toEqual(gone(dry));
    expect(await Promise.all(refs.map((ref) => artifacts.isComplete(ref)))).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(await artifacts.secure(refs[1]!, 'weights')).toBe(true);
    expect(await takenBy(store, refs[1]!)).toMatchObject({ files: ['optimizer.safetensors'] });
    expect(takenWords((await takenBy(store, refs[2]!))!)).toBe(
      'taken on 2001-09-09 at 01:46:40 by retention.checkpoints: {last: 1, best: weights, published: weights}: checkpoint of step 3 of run run',
    );
    expect(report.missing).toEqual([]);
    // Nothing is left to do.
    expect(gone(await collect())).toEqual([]);
  });

  it('goes by what the run and the store say of retention', async () => {
    await using folder = await temporaryFolder();
    const set = setUp(folder.path);
    const { artifacts, states, collect, store } = set;
    const refs = await trained(set, 'run');
    const other = await trained(set, 'other');
    Object.assign(states, { run: 'ended', other: 'ended' });
    await retentionPointer(store).update(() => ({ checkpoints: { last: 2, best: 'none' } }));
    await new RunStore(store).putFile('other', 'retention.json', bytes('{"checkpoints":{"last":3}}'));
    await collect();
    const complete = (all: typeof refs) => Promise.all(all.map((ref) => artifacts.isComplete(ref)));
    expect(await complete(refs)).toEqual([false, false, true, true]);
    expect(await complete(other)).toEqual([false, true, true, true]);
    expect(await artifacts.secure(refs[1]!, 'weights')).toBe(false);
  });

  it('takes results of stages by age, and what only they kept', async () => {
    await using folder = await temporaryFolder();
    const { clock, artifacts, states, collect, store } = setUp(folder.path);
    states.run = 'ended';
    const cache = new StageCache(store);
    const key = digestOf('key');
    const dataset = await heldBy('run', () => artifacts.putArtifact('dataset', { a: bytes('a') }, meta));
    await cache.put('ingest', key, { dataset });
    clock.now += 29 * 24 * HOUR;
    await collect();
    expect(await artifacts.isComplete(dataset)).toBe(true);
    clock.now += 2 * 24 * HOUR;
    await collect();
    expect(await cache.get('ingest', key)).toBeUndefined();
    expect(await artifacts.has(dataset)).toBe(false);
    expect((await takenBy(store, dataset))!.rule).toBe('retention.cache: 30d: a result of ingest');
  });

  it('keeps what nothing refers to yet for the grace period by the clock of the store, but not what was deleted', async () => {
    await using folder = await temporaryFolder();
    const { clock, artifacts, collect, store } = setUp(folder.path);
    const orphan = bytes('of a killed upload');
    const { digest } = await artifacts.putBlob(orphan);
    const deleted = await artifacts.putArtifact('dataset', { a: bytes('deleted') }, meta);
    for await (const { key } of store.list('gc/holds/')) await store.delete(key);
    await release(store, { rule: 'models delete m:1', references: deleted });
    const first = await collect();
    expect(first.verdicts.filter(({ why }) => why === 'nothing refers to it yet')).toHaveLength(1);
    expect(await artifacts.has(deleted)).toBe(false);
    clock.now += 2 * HOUR;
    await collect();
    expect(await store.head(`blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}`)).toBeUndefined();
  });

  it('takes what lies among the manifests and is none', async () => {
    await using folder = await temporaryFolder();
    const { clock, store, collect } = setUp(folder.path);
    await store.put('manifests/README', bytes('what is this?'));
    clock.now += 2 * HOUR;
    expect((await collect()).verdicts.filter(({ kept }) => !kept).map(({ key }) => key)).toEqual([
      'manifests/README',
    ]);
    expect(await store.head('manifests/README')).toBeUndefined();
  });

  it('removes nothing where an object that refers to others is damaged', async () => {
    await using folder = await temporaryFolder();
    const set = setUp(folder.path);
    await trained(set, 'run');
    set.states.run = 'ended';
    await set.store.put(checkpointKey('run'), bytes('{"value":'));
    await expect(set.collect()).rejects.toThrow('nothing is removed');
  });

  it('gives signs of life while it lists and marks, however long that takes', async () => {
    await using folder = await temporaryFolder();
    const set = setUp(folder.path);
    const { clock, states, store } = set;
    for (let n = 0; n < 20; n++) await trained(set, `run-${n}`);
    for (let n = 0; n < 20; n++) states[`run-${n}`] = 'ended';
    const others: string[] = [];
    let looking = true;
    /** Every request takes a second; and somebody else would begin a collection at any time. */
    const slow: ObjectStore = {
      ...{ bucket: store.bucket, head: (key) => store.head(key), delete: (key) => store.delete(key) },
      ...{ getStream: (key, options) => store.getStream(key, options), list: (prefix) => store.list(prefix) },
      put: (key, body, condition) => store.put(key, body, condition),
      get: async (key) => {
        clock.now += 1_000;
        if (looking && (await sweepPointer(store).read())) {
          looking = false;
          const begun = await Sweep.begin(store, 'another', () => undefined);
          if (begun) others.push(key);
          looking = true;
        }
        return store.get(key);
      },
    };
    const began = clock.now;
    const watch = () => {
      const from = clock.now;
      return () => clock.now - from;
    };
    const stateOf = async (runId: string) => states[runId] ?? 'unknown';
    const { busy, verdicts } = await collectGarbage(slow, { stateOf, watch });
    expect(others).toEqual([]);
    expect(busy).toBeUndefined();
    expect(clock.now - began).toBeGreaterThan(120_000);
    expect(verdicts.filter(({ kept }) => !kept).length).toBeGreaterThan(60);
  });

  it('is done by one at a time; a killed one is taken over', async () => {
    await using folder = await temporaryFolder();
    const set = setUp(folder.path);
    const refs = await trained(set, 'run');
    set.states.run = 'ended';
    await sweepPointer(set.store).update(() => ({
      epoch: 7,
      phase: 'sweeping',
      id: 'x',
      by: 'another',
      beat: 0,
    }));
    expect((await set.collect()).busy).toMatchObject({ by: 'another' });
    set.clock.now += 61_000;
    expect((await set.collect()).busy).toBeUndefined();
    expect(await set.artifacts.has(refs[0]!)).toBe(false);
    expect((await sweepPointer(set.store).read())!.value).toMatchObject({ epoch: 8, phase: 'idle' });
    expect(await set.store.head(SWEEP_KEY)).toBeDefined();
  });
});
