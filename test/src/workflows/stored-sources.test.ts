import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runState, TemperClient } from '@temper/client';
import { type PipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { ArtifactStore, collectGarbage, heldBy, manifestKey, MemoryStore } from '@temper/storage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WorkflowHarness } from './harness.js';
import { spec } from './ways/way.js';

const HOUR = 3600_000;
let harness: WorkflowHarness;
let folder: string;
let temper: TemperClient;
const clock = { now: Date.now() };
const store = new MemoryStore('temper', () => clock.now);

beforeAll(async () => {
  harness = await WorkflowHarness.start();
  folder = await mkdtemp(join(tmpdir(), 'temper-stored-'));
  temper = TemperClient.over(harness.client, { store });
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** As a client of another machine stores it, half an hour before it submits. */
async function uploaded(text: string) {
  const artifacts = new ArtifactStore(store, { cacheFolder: folder });
  const files = { 'rows.csv': new TextEncoder().encode(text) };
  const ref = await heldBy(`upload ${text}`, () => artifacts.putArtifact('source', files, {}));
  for await (const { key } of store.list(`runs/upload ${text}/`)) await store.delete(key);
  clock.now += HOUR / 2;
  const train = `stored:${ref.digest.slice('sha256:'.length)}/rows.csv`;
  const pipeline: PipelineSpec = { ...spec(), dataset: { ...spec().dataset, train } };
  return { ref, pipeline: pipeline as PipelineSpecInput, isThere: () => artifacts.isComplete(ref) };
}

/** Long after every grace period, as by the server's word on what goes on. */
async function collect() {
  clock.now += 1000 * HOUR;
  return collectGarbage(store, { stateOf: (runId) => runState(harness.client, runId) });
}

const end = (workflowId: string) => harness.client.workflow.getHandle(workflowId).terminate();

it('stored files stay as long as a run waits for a worker, and again when it is retried', async () => {
  const { ref, pipeline, isThere } = await uploaded('of a run');
  const runId = await temper.submit(pipeline, { check: false });
  await collect();
  expect(await isThere()).toBe(true);
  await end(runId);
  await temper.retry(runId);
  await collect();
  expect(await isThere()).toBe(true);
  await end(runId);
  await collect();
  expect(await store.head(manifestKey(ref.digest))).toBeUndefined();
  await expect(temper.retry(runId)).rejects.toThrow(/no longer has what was stored of it.*taken on/);
  await expect(temper.submit(pipeline, { check: false })).rejects.toThrow('no longer has');
}, 60_000);

it('stored files stay as long as a sweep goes on', async () => {
  const { pipeline, isThere } = await uploaded('of a sweep');
  const search = { 'training.learningRate': { values: [1e-5, 3e-3] } };
  const sweepId = await temper.sweeps.start(
    { name: 'rates', pipeline, search, strategy: 'grid' },
    { check: false },
  );
  await collect();
  expect(await isThere()).toBe(true);
  await end(sweepId);
  await collect();
  expect(await isThere()).toBe(false);
}, 60_000);

it('stored files stay as long as a schedule of a program names them, or a run of it goes on', async () => {
  const first = await uploaded('of a schedule');
  const second = await uploaded('of the schedule later');
  const { id } = await temper.schedules.create(first.pipeline, {
    id: 'nightly',
    every: ['1d'],
    check: false,
  });
  // One that is refused changes nothing.
  await expect(
    temper.schedules.create(second.pipeline, { id: 'nightly', every: ['1d'], check: false }),
  ).rejects.toThrow();
  await collect();
  expect(await first.isThere()).toBe(true);
  expect(await second.isThere()).toBe(false);
  const third = await uploaded('of the schedule at last');
  await temper.schedules.trigger(id);
  const running = async () => (await temper.schedules.show(id)).running[0];
  await expect.poll(running, { timeout: 20_000 }).toBeDefined();
  const runId = (await running())!;
  await temper.schedules.update(id, {}, third.pipeline as PipelineSpec);
  await collect();
  expect([await first.isThere(), await third.isThere()]).toEqual([true, true]);
  await end(runId);
  await collect();
  expect([await first.isThere(), await third.isThere()]).toEqual([false, true]);
  await temper.schedules.delete(id);
  await collect();
  expect(await third.isThere()).toBe(false);
}, 60_000);

it('a client without a store does not start what it cannot keep', async () => {
  const { pipeline } = await uploaded('of a client without a store');
  const without = TemperClient.over(harness.client);
  await expect(without.submit(pipeline, { check: false })).rejects.toThrow('without an object store');
});
