import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { JanitorPlugin } from '@temper/activity';
import { TemperClient } from '@temper/client';
import { collectedInWords, queuesOf, TemperError, type Collected } from '@temper/contracts';
import { ArtifactStore, heldBy, MemoryStore } from '@temper/storage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WorkflowHarness } from './harness.js';
import { spec } from './ways/way.js';

const HOUR = 3600_000;
const QUEUE = 'temper-janitor';
const clock = { now: Date.now() };
const store = new MemoryStore('temper', () => clock.now);
const counted: Collected[] = [];
let harness: WorkflowHarness;
let folder: string;
let temper: TemperClient;

beforeAll(async () => {
  harness = await WorkflowHarness.start();
  folder = await mkdtemp(join(tmpdir(), 'temper-collections-'));
  temper = TemperClient.over(harness.client, { store });
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A worker of workflows alone, and one that may remove from the store, on a queue of its own. */
async function withJanitor<T>(use: () => Promise<T>): Promise<T> {
  const connection = harness.environment.nativeConnection;
  const metrics = {
    stageStarted: () => undefined,
    stageEnded: () => undefined,
    collected: (collected: Collected) => void counted.push(collected),
  };
  const janitor = new JanitorPlugin({ store, home: folder, metrics });
  const workflows = await Worker.create({
    ...{ connection, taskQueue: queuesOf().workflow, workflowBundle: harness.bundle },
  });
  const worker = await Worker.create({ connection, taskQueue: QUEUE, plugins: [janitor] });
  return workflows.runUntil(() => worker.runUntil(use));
}

const stored = (runId: string, text: string) => {
  const artifacts = new ArtifactStore(store, { cacheFolder: folder });
  const files = { 'rows.jsonl': new TextEncoder().encode(text) };
  return heldBy(runId, () => artifacts.putArtifact('dataset', files, { columns: {}, rows: {} }));
};
const isThere = (ref: Awaited<ReturnType<typeof stored>>) =>
  new ArtifactStore(store, { cacheFolder: folder }).isComplete(ref);

async function nextCollection() {
  const before = (await temper.collections.show()).recent.length;
  await temper.collections.trigger();
  const last = async () => (await temper.collections.show()).recent[before];
  await expect.poll(async () => (await last())?.status, { timeout: 30_000 }).toMatch(/completed|failed/);
  return (await last())!;
}

it('collects by the clock on a worker of its own role, beside runs, and tells what it came to', async () => {
  await expect(temper.collections.show()).rejects.toThrow('nothing is collected by the clock');
  const schedule = { schedule: '0 3 * * *', timezone: 'Europe/Berlin', queue: QUEUE };
  await expect(temper.collections.schedule({ ...schedule, schedule: 'at night' })).rejects.toThrow(
    'at night',
  );
  const made = await temper.collections.schedule({ ...schedule, dryRun: true });
  expect(made).toMatchObject({ timezone: 'Europe/Berlin', queue: QUEUE, dryRun: true, grace: '1h' });
  expect(made.next.length).toBeGreaterThan(0);
  // Not a pipeline's.
  expect(await temper.schedules.list()).toEqual([]);
  const running = await stored('of-collections', 'of a run that goes on');
  const ended = await stored('ended', 'of a run that has ended');
  await harness.start({ runId: 'of-collections', spec: spec() });
  await harness.start({ runId: 'ended', spec: spec() });
  await harness.client.workflow.getHandle('ended').terminate();
  clock.now += 2 * HOUR;
  await withJanitor(async () => {
    const dry = await nextCollection();
    expect(dry).toMatchObject({ status: 'completed', collected: { dryRun: true, objects: { removed: 3 } } });
    expect(await isThere(ended)).toBe(true);
    await temper.collections.schedule(schedule);
    const { collected } = await nextCollection();
    expect(collected!.removed[0]!.why).toContain('run ended has ended');
    expect(collected!.kept.map(({ why }) => why)).toContain('run of-collections goes on');
    expect(collectedInWords(collected!)).toMatch(/^removed 3 objects \(0.00 MB\), kept \d+ \(/);
    expect([await isThere(running), await isThere(ended)]).toEqual([true, false]);
    expect(counted.map(({ dryRun }) => dryRun)).toEqual([true, false]);
    // The policy of workers lets nobody remove, nor say that a collection is at work.
    const put = store.put.bind(store);
    store.put = async (key, ...more) => {
      if (!key.startsWith('gc/')) return put(key, ...more);
      throw new TemperError('STORE_REFUSED', { path: key, message: 'the object store denies access' });
    };
    const refused = await nextCollection();
    expect(refused).toMatchObject({ status: 'failed' });
    expect(refused.error).toMatch(/denies access.*infra\/iam\/janitor\.json/s);
    store.put = put;
  });
  await harness.client.workflow.getHandle('of-collections').terminate();
  await temper.collections.unschedule();
  await expect(temper.collections.trigger()).rejects.toThrow('nothing is collected');
}, 120_000);
