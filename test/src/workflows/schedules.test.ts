import { TemperClient } from '@temper/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkflowHarness } from './harness.js';
import { spec } from './ways/way.js';

let harness: WorkflowHarness;
let client: TemperClient;
beforeAll(async () => {
  harness = await WorkflowHarness.start();
  client = await TemperClient.connect({ environment: {}, address: harness.environment.address! });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});
const create = (id: string, options: Parameters<TemperClient['schedules']['create']>[1]) =>
  client.schedules.create(spec(), { paused: true, check: false, ...options, id });

describe('a backfill on a real server', () => {
  const hour = ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'] as const;

  it('shows what it would start, both ends included, and starts nothing', async () => {
    await create('preview', { every: '30m' });
    const starts = await client.schedules.backfill('preview', ...hour, { preview: true });
    expect(starts).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:30:00.000Z',
      '2026-01-01T01:00:00.000Z',
    ]);
    expect(await client.schedules.show('preview')).toMatchObject({ started: 0, running: [] });
  });

  it('is refused for a time to come, for none, and for more starts than are allowed', async () => {
    await create('bounded', { every: '1m' });
    const backfill = (from: string, to: string, maxStarts?: number) =>
      client.schedules.backfill('bounded', from, to, { maxStarts });
    await expect(backfill('2030-01-01', '2030-01-02')).rejects.toThrow(
      /--to: .*still to come.*allowed: up to/,
    );
    await expect(backfill('2026-01-01', '2030-01-02')).rejects.toThrow(/still to come/);
    await expect(backfill('2026-01-01T00:00:10Z', '2026-01-01T00:00:20Z')).rejects.toThrow(
      /no start between/,
    );
    await expect(backfill('2026-01-01', '2026-01-02')).rejects.toThrow(/found 1000 or more.*at most 100/);
    await expect(backfill('2026-01-01T00:00:00Z', '2026-01-01T02:00:00Z')).rejects.toThrow(
      /found 121; allowed: at most 100; .*--max-starts 121/,
    );
    await expect(backfill(...hour, 0)).rejects.toThrow(/not a number of starts/);
    expect(await client.schedules.show('bounded')).toMatchObject({ started: 0, running: [] });
  });

  it('can be stopped: what runs ends, what waits is dropped', async () => {
    await create('stopped', { every: '5m' });
    await client.schedules.backfill('stopped', ...hour);
    await expect.poll(async () => (await client.schedules.show('stopped')).running).toHaveLength(1);
    await harness.withActivities({}, async () => {
      const { ended, waiting } = await client.schedules.stopBackfill('stopped');
      expect(waiting).toBe(0);
      expect(ended.length).toBeGreaterThan(0);
    });
    const { running } = await client.schedules.show('stopped');
    expect(running).toEqual([]);
    expect(await client.schedules.stopBackfill('stopped')).toEqual({ ended: [], waiting: 0 });
  });
});

it('a schedule says which starts clock changes leave out, as its server has it', async () => {
  const night = await create('night', { cron: '30 2 * * *', timezone: 'Europe/Berlin' });
  expect(night.daylight).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\d: clocks go (forward|back).*the start at 02:30/),
    expect.stringMatching(/^\d{4}-\d\d-\d\d: clocks go (forward|back).*the start at 02:30/),
  ]);
  expect(night.daylight!.join(' ')).toContain('so the start at 02:30 does not come');
  expect((await create('day', { cron: '30 5 * * *', timezone: 'Europe/Berlin' })).daylight).toEqual([]);
  expect((await create('utc', { cron: '30 2 * * *' })).daylight).toEqual([]);
});
