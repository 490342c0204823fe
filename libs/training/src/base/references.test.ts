import { makeBatch } from '@temper/data';
import { ArtifactStore, MemoryStore } from '@temper/storage';
import type { Batch, Digest, TokenizedSplit } from '@temper/contracts';
import { parsePipelineSpec } from '@temper/spec';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { Built } from '../build.js';
import type { Job, TrainerEvent } from '../job.js';
import { Interrupted } from '../loop/interrupted.js';
import type { TrainableModel } from '../model.js';
import { withReferences } from './with-references.js';

const folder = await mkdtemp(join(tmpdir(), 'temper-reference-'));
afterAll(() => rm(folder, { recursive: true }));

/** Pairs of sequences of two tokens: a prompt, and what is learnt. */
const split = (pairs: number, first = 5): TokenizedSplit => ({
  labelKind: 'pair',
  sequencesPerExample: 2,
  inputIds: Int32Array.from({ length: 4 * pairs }, (_, i) => first + i),
  labels: Int32Array.from({ length: 4 * pairs }, (_, i) => (i % 2 ? first + i : -100)),
  offsets: Int32Array.from({ length: 2 * pairs + 1 }, (_, i) => 2 * i),
});

const digest = (of: string): Digest => `sha256:${of.padEnd(64, '0')}`;
const spec = parsePipelineSpec({
  ...{ name: 'pairs', task: 'preference', model: { base: 'm' }, dataset: { train: 'rows.jsonl' } },
});

let store: MemoryStore;
let artifacts: ArtifactStore;
/** Of machines that know nothing of the store's content yet. */
const machine = async () => new ArtifactStore(store, { cacheFolder: await mkdtemp(join(folder, 'cache-')) });
/** Batches that a model has seen. */
let seen: number;
/** Sessions that are open. */
let open: number;
beforeEach(async () => {
  store = new MemoryStore();
  artifacts = await machine();
  seen = open = 0;
});

/** ln p of a sequence is its last token. */
const model = {
  evaluate: async (batch: Batch) => {
    seen++;
    return { lossSum: 0, outputs: { logRatios: Float32Array.from(batch.labels) } };
  },
} as unknown as TrainableModel;

interface Varied {
  readonly pairs?: number;
  readonly first?: number;
  readonly side?: string;
  readonly base?: string;
  readonly threads?: number;
  readonly interrupted?: () => boolean;
}

async function referenced({
  pairs = 40,
  first,
  side = 'a',
  base = 'b',
  threads = 1,
  interrupted,
}: Varied = {}) {
  const events: TrainerEvent[] = [];
  const built = {
    model: { graphs: { lossInputs: ['labels', 'reference'] } },
    splits: { train: split(pairs, first) },
    ...{ padTokenId: 0, threads },
  } as unknown as Built;
  const job = { spec, baseModel: { digest: digest(base) }, provider: 'cpu' } as Job;
  const ports = { artifacts, report: (event: TrainerEvent) => void events.push(event), interrupted };
  const { splits } = await withReferences(
    job,
    { ...ports, interrupted: interrupted ?? (() => false) },
    {
      ...{ built, of: ['train'] },
      base: () => ({
        digest: digest(side),
        open: async () => {
          open++;
          return { model, release: async () => void open-- };
        },
      }),
    },
  );
  return { train: splits.train!, events };
}

it('has ln p of each pair at its own place, and feeds it with the pair', async () => {
  const { train } = await referenced();
  expect(Array.from(train.reference!.subarray(0, 6))).toEqual([6, 8, 10, 12, 14, 16]);
  expect(Array.from(makeBatch(train, Int32Array.of(2, 0), { padTokenId: 0 }).reference!)).toEqual([
    14, 16, 6, 8,
  ]);
});

it('is computed once for equal inputs, and again where one of them differs', async () => {
  const first = await referenced();
  const batches = seen;
  expect(batches).toBe(3);
  expect((await referenced()).train.reference).toEqual(first.train.reference);
  expect(seen).toBe(batches);
  const others: Varied[] = [{ pairs: 39 }, { first: 6 }, { side: 'c' }, { base: 'c' }, { threads: 2 }];
  for (const [i, other] of others.entries()) {
    await referenced(other);
    expect(seen, JSON.stringify(other)).toBe(batches * (i + 2));
  }
});

it('says after each batch how far it is, and ends where the job is asked to', async () => {
  const { events } = await referenced();
  expect(events[0]).toMatchObject({ type: 'progress', phase: 'reference', step: 16, totalSteps: 40 });
  await expect(referenced({ side: 'other', interrupted: () => true })).rejects.toThrow(Interrupted);
  expect(seen).toBe(4);
  expect(open).toBe(0);
});

it.each(['manifests/', 'blobs/'])(
  'is computed again where %s of the store are damaged or lost, and then kept',
  async (prefix) => {
    const first = await referenced();
    const batches = seen;
    for (const damage of [
      (key: string) => store.put(key, new TextEncoder().encode('no such thing')),
      (key: string) => store.delete(key),
    ]) {
      const keys: string[] = [];
      for await (const { key } of store.list(prefix)) keys.push(key);
      expect(keys.length).toBeGreaterThan(0);
      for (const key of keys) await damage(key);
      artifacts = await machine();
      seen = 0;
      expect((await referenced()).train.reference).toEqual(first.train.reference);
      expect(seen).toBe(batches);
      artifacts = await machine();
      await referenced();
      expect(seen).toBe(batches);
    }
  },
);

it('goes on behind the parts that were kept where it was stopped in between', async () => {
  await expect(referenced({ pairs: 1100, interrupted: () => seen === 66 })).rejects.toThrow(Interrupted);
  const { train, events } = await referenced({ pairs: 1100 });
  // 1024 in 64 batches, and 76 in five.
  expect(seen).toBe(66 + 5);
  expect(events[0]).toMatchObject({ step: 1040, totalSteps: 1100 });
  expect(Array.from(train.reference!)).toEqual(Array.from({ length: 2200 }, (_, i) => 6 + 2 * i));
});
