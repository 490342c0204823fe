import { TemperClient } from '@temper/client';
import { queuesOf, type Provider } from '@temper/contracts';
import { parseSweepSpec } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakes, WorkflowHarness } from './harness.js';
import { spec } from './ways/way.js';

let harness: WorkflowHarness;
let ours: TemperClient;
let theirs: TemperClient;
beforeAll(async () => {
  harness = await WorkflowHarness.start();
  const address = harness.environment.address!;
  ours = await TemperClient.connect({ environment: {}, address });
  theirs = await TemperClient.connect({ environment: { TEMPER_QUEUE_PREFIX: 'acme' }, address });
});
afterAll(async () => {
  await ours[Symbol.asyncDispose]();
  await theirs[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

/** Workers of both installations; each tells which of them did a stage. */
async function withBoth(use: (done: string[]) => Promise<void>): Promise<void> {
  const done: string[] = [];
  const told = (who: string) => ({
    ingest: async () => {
      done.push(`${who} ingest`);
      return fakes.ingest({} as never);
    },
    train: async () => {
      done.push(`${who} train`);
      return fakes.train({} as never);
    },
    choosePool: async (queues?: Readonly<Record<Provider, string>>) => {
      done.push(`${who} choosePool ${queues?.webgpu}`);
      return 'webgpu' as const;
    },
  });
  await harness.withActivities(told('temper'), () =>
    harness.withActivities(told('acme'), () => use(done), queuesOf('acme')),
  );
}

const nightly = { id: 'nightly', paused: true, check: false };
const stagesOf = (who: string) => [`${who} ingest`, `${who} choosePool ${who}-gpu-webgpu`, `${who} train`];

describe('two installations in one namespace', () => {
  it('have runs of their own, by their own workers', async () => {
    await withBoth(async (done) => {
      const first = await ours.submit(spec(), { check: false });
      expect((await ours.result(first)).status).toBe('completed');
      expect(done.splice(0)).toEqual(stagesOf('temper'));
      const second = await theirs.submit(spec(), { check: false });
      expect((await theirs.result(second)).status).toBe('completed');
      expect(done).toEqual(stagesOf('acme'));
      const listed = async (client: TemperClient) => (await client.list()).map(({ runId }) => runId);
      await expect.poll(() => listed(ours)).toEqual([first]);
      await expect.poll(() => listed(theirs)).toEqual([second]);
      expect(await theirs.workers()).toHaveLength(1);
    });
  });

  it('have sweeps of their own, whose trials stay with them', async () => {
    const sweep = parseSweepSpec({
      name: 'rates',
      pipeline: spec(),
      strategy: 'grid',
      search: { 'training.learningRate': { values: [1e-5, 1e-4] } },
      parallel: 1,
    });
    await withBoth(async (done) => {
      const sweepId = await theirs.sweeps.start(sweep, { check: false });
      expect(await theirs.sweeps.result(sweepId)).toMatchObject({ status: 'completed' });
      expect(new Set(done.map((line) => line.split(' ')[0]))).toEqual(new Set(['acme']));
      await expect.poll(async () => (await theirs.sweeps.list()).map((s) => s.sweepId)).toEqual([sweepId]);
      expect(await ours.sweeps.list()).toEqual([]);
    });
  });

  it('may both have a schedule of one name', async () => {
    await ours.schedules.create(spec(), { ...nightly, every: '1h' });
    const made = await theirs.schedules.create(spec(), { ...nightly, every: '2h' });
    expect(made).toMatchObject({ id: 'nightly', times: expect.stringContaining('2') as string });
    for (const client of [ours, theirs])
      await expect.poll(async () => (await client.schedules.list()).map(({ id }) => id)).toEqual(['nightly']);
    await withBoth(async (done) => {
      await theirs.schedules.trigger('nightly');
      await expect.poll(() => done.includes('acme train'), { timeout: 30_000 }).toBe(true);
      const { recent } = await theirs.schedules.show('nightly');
      expect(recent[0]!.runId).toMatch(/^acme\.nightly-/);
      expect((await theirs.result(recent[0]!.runId)).status).toBe('completed');
    });
    await theirs.schedules.delete('nightly');
    expect((await ours.schedules.show('nightly')).started).toBe(0);
  });

  it('are told by words where a prefix is none', async () => {
    const connect = (queuePrefix: string) => TemperClient.connect({ environment: {}, queuePrefix });
    await expect(connect('our queue')).rejects.toThrow(/^queuePrefix: .*found our queue; allowed: letters/);
    await expect(
      TemperClient.connect({ environment: { TEMPER_QUEUE_PREFIX: 'temporal-x' } }),
    ).rejects.toMatchObject({
      code: 'SPEC_INVALID',
      message: expect.stringMatching(/^TEMPER_QUEUE_PREFIX/) as string,
    });
  });
});
