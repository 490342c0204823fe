import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ArtifactRef, CheckpointEntry, ModelVersion, RunResult } from '@temper/contracts';
import { ArtifactStore } from '../artifact-store.js';
import { digestOf, digestOfBytes } from '../digest.js';
import { awaitSweep } from '../gc/barrier.js';
import { collectGarbage, retentionOfStore, retentionPointer } from '../gc/collect.js';
import { heldBy, HOLDS, runHolds, writeHold } from '../gc/holds.js';
import { release, RELEASES, withdraw, WITHDRAWN } from '../gc/release.js';
import { condemnedKey, SWEEP_KEY, sweepPointer, type SweepState } from '../gc/sweep-state.js';
import { recordTaken, TAKEN, takenBy } from '../gc/taken.js';
import * as keys from '../keys.js';
import type { ObjectStore } from '../object-store.js';
import { Pointer } from '../pointer.js';
import { Protections } from '../promotion/protection.js';
import { Registry } from '../registry.js';
import { RunStore } from '../run-store.js';
import { sealedJson, sealedList } from '../seal.js';
import { StageCache } from '../stage-cache.js';
import { text } from './suite.js';

export interface Place {
  readonly store: ObjectStore;
  /** Of this machine, empty. */
  readonly folder: string;
}

export interface Row {
  /** Stores one and returns its key. */
  readonly write: (place: Place) => Promise<string>;
  readonly read: (place: Place) => Promise<unknown>;
  /** What a reader gets of a changed one, who goes on without it. */
  readonly mended?: { readonly to: unknown };
  /** Why nobody can be told wrong by what is in it. */
  readonly unread?: string;
  readonly clear?: (place: Place) => Promise<void>;
}

/** Everything that `keys.ts` makes a key of: a kind without a row does not compile. */
type Made = Exclude<
  keyof typeof keys,
  'uriOf' | 'parseUri' | 'RETENTION_FILE' | `${string}Prefix` | 'sharded'
>;
/** What has its place elsewhere; `libs/storage/src/changed-bytes.test.ts` looks for others in the sources. */
type Other = `${'runs/' | 'gc/' | 'refs/' | '.temper-probe/'}${string}`;

const RUN = 'changed-bytes';
const MODEL = 'changed-bytes';
const digest = digestOfBytes('changed bytes');
let machines = 0;

/** Of a machine that has nothing yet. */
const artifactsIn = ({ store, folder }: Place) =>
  new ArtifactStore(store, { cacheFolder: join(folder, `machine-${machines++}`) });
const artifact = (place: Place) => artifactsIn(place).putArtifact('report', { a: text('some content') }, {});
const refIn = ({ store }: Place): ArtifactRef<'report'> => ({
  kind: 'report',
  digest,
  uri: keys.uriOf(store, keys.manifestKey(digest)),
});
const runs = ({ store }: Place) => new RunStore(store);
/** The one key below a prefix. */
async function below({ store }: Place, prefix: string): Promise<string> {
  for await (const { key } of store.list(prefix)) return key;
  throw new Error(`nothing below ${prefix}`);
}
const pointer = (key: string): Row => ({
  async write({ store }) {
    await new Pointer(store, key).update(() => ({ step: 1 }));
    return key;
  },
  read: async ({ store }) => (await new Pointer(store, key).read())?.value,
});
/** Only collections read it: what comes of it is that one ends. */
const collected = async ({ store }: Place): Promise<unknown> =>
  void (await collectGarbage(store, { dryRun: true, stateOf: () => Promise.resolve('ended') }));
const record = (name: string, write: (place: Place) => Promise<unknown>, read: Row['read']): Row => ({
  async write(place) {
    await write(place);
    return below(place, `${keys.runPrefix(RUN)}${name}`);
  },
  read,
  clear: async (place) => place.store.delete(await below(place, `${keys.runPrefix(RUN)}${name}`)),
});
const collectedOnce = (prefix: string, write: (place: Place) => Promise<unknown>, read = collected): Row => ({
  async write(place) {
    await write(place);
    return below(place, prefix);
  },
  read,
  clear: async (place) => place.store.delete(await below(place, prefix)),
});

export const rows: Readonly<Record<Made, Row>> & Readonly<Record<Other, Row>> = {
  blobKey: {
    async write(place) {
      const ref = await artifact(place);
      return keys.blobKey((await artifactsIn(place).manifest(ref)).files[0]!.digest);
    },
    read: async (place) =>
      Buffer.from(await artifactsIn(place).readFile(await artifact(place), 'a')).toString(),
  },
  manifestKey: {
    write: async (place) => keys.manifestKey((await artifact(place)).digest),
    read: async (place) => artifactsIn(place).manifest(await artifact(place)),
  },
  versionKey: {
    async write(place) {
      const version = await new Registry(place.store).publish(MODEL, {
        digest,
        artifact: refIn(place) as never,
        runId: RUN,
        metrics: {},
      });
      return keys.versionKey(MODEL, version.version);
    },
    read: ({ store }) => new Registry(store).resolve(`${MODEL}:1`),
    clear: ({ store }) => store.delete(keys.versionKey(MODEL, 1)),
  },
  deletedKey: {
    async write({ store }) {
      await store.put(keys.deletedKey(MODEL, 7), sealedJson({ name: MODEL, version: 7 }));
      return keys.deletedKey(MODEL, 7);
    },
    read: collected,
  },
  aliasKey: {
    ...pointer(keys.aliasKey(MODEL, 'candidate')),
    read: ({ store }) => new Registry(store).alias(MODEL, 'candidate'),
  },
  protectionKey: {
    async write({ store }) {
      const asked = { approval: true, gate: {}, by: 'somebody' };
      await new Protections(store).protect(MODEL, 'production', asked as never);
      return keys.protectionKey(MODEL, 'production');
    },
    read: ({ store }) => new Protections(store).of(MODEL, 'production'),
    clear: ({ store }) => store.delete(keys.protectionKey(MODEL, 'production')),
  },
  approvalKey: {
    async write({ store }) {
      const version = { name: MODEL, version: 1 } as ModelVersion;
      await new Protections(store).approve(version, { by: 'somebody' } as never);
      return keys.approvalKey(MODEL, 1);
    },
    read: ({ store }) =>
      new Protections(store).approvalOf({ name: MODEL, version: 1 } as ModelVersion, { meta: {} } as never),
    clear: ({ store }) => store.delete(keys.approvalKey(MODEL, 1)),
  },
  signatureKey: {
    unread: 'it is its own sum: a signature that has changed counts as none',
    write: () => Promise.resolve(keys.signatureKey(MODEL, 1, 'key')),
    read: () => Promise.resolve(),
  },
  checkpointKey: pointer(keys.checkpointKey(RUN)),
  leavingKey: pointer(keys.leavingKey('changed-bytes')),
  storedKey: {
    async write(place) {
      await place.store.put(keys.storedKey('changed', 'bytes'), sealedJson({ sources: [] }));
      return keys.storedKey('changed', 'bytes');
    },
    read: collected,
  },
  cacheKey: {
    async write({ store }) {
      await new StageCache(store).put('train', digest, { result: 'of a stage' });
      return keys.cacheKey('train', digest);
    },
    read: ({ store }) => new StageCache(store).get('train', digest),
    mended: { to: undefined },
  },
  'runs/result.json': record(
    'result.json',
    (place) => runs(place).putResult({ runId: RUN, status: 'completed' } as unknown as RunResult),
    (place) => runs(place).result(RUN),
  ),
  'runs/retention.json': record(
    keys.RETENTION_FILE,
    (place) => runs(place).putRetention(RUN, { cache: '7d' }),
    collected,
  ),
  'runs/report.json': record(
    'report.json',
    (place) => runs(place).putFile(RUN, 'report.json', text('{"model":"m"}')),
    async (place) => String(await runs(place).readFile(RUN, 'report.json')),
  ),
  'runs/checkpoints/': record(
    'checkpoints/',
    (place) =>
      runs(place).putCheckpoint(
        RUN,
        { step: 1, training: 0, checkpoint: refIn(place) } as unknown as CheckpointEntry,
        1,
      ),
    (place) => runs(place).checkpoints(RUN),
  ),
  'runs/metrics/': record(
    'metrics/',
    (place) => runs(place).putLines(RUN, 1, [{ step: 1, loss: 2 } as never, { step: 2, loss: 1 } as never]),
    (place) => runs(place).readAll(RUN),
  ),
  'runs/metrics.jsonl': record(
    'metrics.jsonl',
    async (place) => {
      await runs(place).putLines(RUN, 1, [{ step: 1, loss: 2 } as never]);
      await runs(place).closeMetrics(RUN);
    },
    (place) => runs(place).closedMetrics(RUN),
  ),
  'runs/logs/': record(
    'logs/',
    (place) => runs(place).putLogs(RUN, [{ time: 1 }, { time: 2 }]),
    (place) => runs(place).logs(RUN),
  ),
  'runs/holds/': collectedOnce(runHolds(RUN), ({ store }) =>
    heldBy(RUN, () => writeHold(store, 'abc', ['blobs/x'])),
  ),
  'gc/holds/': collectedOnce(HOLDS, ({ store }) => writeHold(store, 'abc', ['blobs/x'])),
  'gc/taken/': collectedOnce(
    TAKEN,
    ({ store }) => recordTaken(store, { digest, rule: 'a rule', at: '2026-01-01T00:00:00Z' }),
    ({ store }) => takenBy(store, { digest }),
  ),
  'gc/released/': collectedOnce(RELEASES, ({ store }) => release(store, { rule: 'a rule', references: [] })),
  'gc/withdrawn/': collectedOnce(WITHDRAWN, ({ store }) => withdraw(store, digestOf('data'), 'a rule')),
  'gc/condemned/': {
    async write({ store }) {
      const state = await sweepPointer(store).update(() => sweeping);
      await store.put(condemnedKey(state!), sealedList(['blobs/one', 'blobs/two']));
      return condemnedKey(state!);
    },
    // Waits for the end of the collection, as for one that takes what is asked about.
    read: async ({ store }) => {
      await sweepPointer(store).update(() => sweeping);
      const wait = async () =>
        void (await sweepPointer(store).update(() => ({ ...sweeping, phase: 'idle' })));
      return awaitSweep(store, ['blobs/three'], { wait });
    },
    mended: { to: { swept: true } },
    clear: ({ store }) => store.delete(SWEEP_KEY),
  },
  'gc/clock': {
    unread: 'only when it was written counts',
    write: () => Promise.resolve('gc/clock'),
    read: () => Promise.resolve(),
  },
  '.temper-probe/': {
    unread: 'written to see whether writes work',
    write: () => Promise.resolve('.temper-probe/x'),
    read: () => Promise.resolve(),
  },
  'refs/gc': {
    async write({ store }) {
      await sweepPointer(store).update(() => ({ ...sweeping, phase: 'idle', id: randomUUID() }));
      return SWEEP_KEY;
    },
    read: async ({ store }) => (await sweepPointer(store).read())?.value,
    clear: ({ store }) => store.delete(SWEEP_KEY),
  },
  'refs/retention': {
    async write({ store }) {
      await retentionPointer(store).update(() => ({ cache: '7d' }));
      return 'refs/retention';
    },
    read: ({ store }) => retentionOfStore(store),
    clear: ({ store }) => store.delete('refs/retention'),
  },
};

const sweeping: SweepState = { epoch: 1, phase: 'sweeping', id: 'changed-bytes', by: 'a test', beat: 0 };
