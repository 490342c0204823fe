import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectionSchedule, ScheduleInfo, ScheduleOptions } from '@temper/client';
import { type RunResult } from '@temper/contracts';
import { blobKey, digestOfBytes } from '@temper/storage';
import { parsePipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { temper, type Ended } from '../cli/temper.js';
import { sentences, writeCsv, writeTinyPipeline } from '../cli/tiny-classifier.js';
import { eventually, Stack } from './stack.js';
import { WebhookReceiver } from './webhook-receiver.js';

let stack: Stack;
let receiver: WebhookReceiver;
let spec: PipelineSpecInput;
const ids: string[] = [];

beforeAll(async () => {
  receiver = await WebhookReceiver.start('/hook?token=very-secret');
  stack = await Stack.start();
  await stack.worker('cpu', { TEMPER_TEST_HOOK: receiver.url });
  spec = {
    ...(await writeTinyPipeline(stack.folder, 200)),
    training: { maxSteps: 20, learningRate: 3e-3, trainBatchSize: 8, evalStrategy: 'no' },
  };
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});
afterEach(async () => {
  for (const id of ids.splice(0)) await stack.client.schedules.delete(id);
});

async function schedule(id: string, options: ScheduleOptions, changes: Partial<PipelineSpecInput> = {}) {
  ids.push(id);
  const parsed = parsePipelineSpec({ ...spec, ...changes, name: id });
  return stack.client.schedules.create(parsed, { ...options, id });
}
const show = (id: string) => stack.client.schedules.show(id);
const ended = (info: ScheduleInfo) => info.recent.filter((run) => run.status && run.status !== 'running');

/** Waits until that many runs have ended, and answers them as the schedule shows them. */
const runsOf = (id: string, count: number) =>
  eventually(`${count} runs of ${id}`, async () => {
    const info = await show(id);
    return ended(info).length >= count && !info.running.length && ended(info);
  });

/** Triggers and waits for the end of that very run. */
async function triggered(id: string): Promise<RunResult> {
  const before = (await show(id)).recent.length;
  await stack.client.schedules.trigger(id);
  const run = (await runsOf(id, before + 1)).at(-1)!;
  return stack.client.result(run.runId);
}

describe('a schedule on real servers', () => {
  it('runs unattended, again and again', async () => {
    await schedule('often', { every: '3s' });
    const runs = await runsOf('often', 3);
    expect(runs.slice(0, 3).map((r) => r.status)).toEqual(['completed', 'completed', 'completed']);
    const planned = runs.map((r) => Date.parse(r.plannedAt));
    expect(planned.every((time) => time % 3000 === 0)).toBe(true);
    const { model } = await stack.client.result(runs[0]!.runId);
    expect(model).toMatchObject({ name: 'often', version: 1 });
  });

  it('skips starts while a run outlasts the interval', async () => {
    const training = { ...spec.training, maxSteps: 400 };
    await schedule('slow', { every: '1s' }, { training });
    await eventually('skipped starts', async () => {
      const info = await show('slow');
      expect(info.running.length).toBeLessThanOrEqual(1);
      return info.skipped >= 2 && info.recent.length >= 2;
    });
    await stack.client.schedules.pause('slow');
    await runsOf('slow', 2);
    const runs = await Promise.all((await show('slow')).recent.map((r) => stack.client.show(r.runId)));
    const spans = runs.map((r) => [Date.parse(r.startedAt), Date.parse(r.startedAt) + r.seconds * 1000]);
    expect(spans[0]![1]! - spans[0]![0]!).toBeGreaterThan(1500);
    for (const [i, [start]] of spans.entries()) {
      // Seconds are told to a tenth.
      if (i) expect(start!).toBeGreaterThanOrEqual(spans[i - 1]![1]! - 100);
    }
  });

  it('starts nothing while it is paused, and says why; a trigger runs it all the same', async () => {
    await schedule('paused', { every: '1s', paused: true, note: 'not yet' });
    await sleep(2500);
    expect(await show('paused')).toMatchObject({ paused: true, note: 'not yet', recent: [], next: [] });
    expect(await triggered('paused')).toMatchObject({ status: 'completed' });
    await stack.client.schedules.resume('paused', 'the source is back');
    await runsOf('paused', 2);
    await stack.client.schedules.pause('paused', 'the source is gone');
    await eventually('quiet', async () => !(await show('paused')).running.length);
    const { recent, note } = await show('paused');
    expect(note).toBe('the source is gone');
    await sleep(2500);
    expect((await show('paused')).recent).toEqual(recent);
  });

  it('makes up for three past times with three runs, and a trigger meanwhile waits for them', async () => {
    await schedule('past', { cron: '0 3 * * *', timezone: 'Europe/Berlin', paused: true });
    await stack.client.schedules.backfill('past', '2026-01-01T02:00:00Z', '2026-01-03T02:00:00Z');
    await stack.client.schedules.trigger('past');
    const runs = await runsOf('past', 4);
    expect(await show('past')).toMatchObject({ started: 4, skipped: 0 });
    expect(runs.slice(0, 3).map((r) => [r.runId, r.plannedAt, r.status])).toEqual(
      ['01', '02', '03'].map((day) => [
        `past-2026-01-${day}T02:00:00Z`,
        `2026-01-${day}T02:00:00.000Z`,
        'completed',
      ]),
    );
  });

  it('pauses when a run fails, and the webhook of the schedule is told', async () => {
    const dataset = { train: spec.dataset.train, columns: { text: 'text', label: 'sentiment' } };
    const alerts = { webhooks: ['env:TEMPER_TEST_HOOK'] };
    await schedule('broken', { every: '2s', pauseOnFailure: true }, { dataset, alerts });
    const [run] = await runsOf('broken', 1);
    expect(run!.status).toBe('failed');
    const info = await eventually('the pause', async () => {
      const now = await show('broken');
      return now.paused && now;
    });
    expect(info.note).toMatch(/paused due to/i);
    await sleep(2500);
    expect((await show('broken')).recent).toHaveLength(1);
    expect(receiver.of(run!.runId)).toMatchObject([
      { event: 'failed', pipeline: 'broken', problems: [{ message: expect.any(String) as string }] },
    ]);
    expect(receiver.of(run!.runId)[0]!.message).toContain('no column sentiment');
    // The token is the worker's secret alone.
    const handle = stack.client.temporal.workflow.getHandle(run!.runId);
    const events = JSON.stringify(await handle.fetchHistory());
    const history = events.replaceAll(/"data":"([^"]*)"/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString(),
    );
    expect(history).toContain('TEMPER_TEST_HOOK');
    expect(history).not.toContain('very-secret');
  });

  it('fails over a line that was damaged since, with file and line, and publishes no model of the rows before it', async () => {
    const rows = sentences(49_999);
    const train = await writeCsv(join(stack.folder, 'damaged.csv'), rows);
    await schedule('damaged', { cron: '@yearly' }, { dataset: { train } });
    const lines = (await readFile(train, 'utf8')).split('\n');
    lines[29_999] += ',one field too many';
    await writeFile(train, lines.join('\n'));
    const { status, model, error } = await triggered('damaged');
    expect([status, model, error]).toMatchObject([
      'failed',
      undefined,
      { code: 'DATA_INVALID', stage: 'ingest' },
    ]);
    expect(JSON.stringify(error)).toContain('damaged.csv:30000');
  });

  it('ends as unchanged while the data stays, and trains when it does not', async () => {
    const train = await writeCsv(join(stack.folder, 'growing.csv'), sentences(100));
    await schedule('growing', { cron: '@yearly', onlyNewData: true }, { dataset: { train } });
    const first = await triggered('growing');
    expect(first).toMatchObject({ status: 'completed', model: { version: 1 } });
    const second = await triggered('growing');
    expect(second).toMatchObject({ status: 'unchanged', sameAs: first.runId, dataset: first.dataset });
    expect(second.stages.map((s) => s.status)).toEqual(['completed', ...Array<string>(4).fill('skipped')]);
    await appendFile(train, '"a very new and lovely day","good"\n');
    // The server names a run by the second of its start, and one that is unchanged ends within it.
    await sleep(1_000);
    const third = await triggered('growing');
    expect(third).toMatchObject({ status: 'completed', model: { version: 2 } });
    expect(third.dataset).not.toBe(first.dataset);
    expect(third.stages.map((s) => s.cached)).toEqual(Array(5).fill(false));
    expect((await triggered('growing')).status).toBe('unchanged');
    expect((await show('growing')).recent.map((r) => r.status)).toEqual([
      ...['completed', 'unchanged', 'completed', 'unchanged'],
    ]);
  });

  it('changes what is given and keeps the rest', async () => {
    await schedule('changing', {
      cron: ['0 3 * * Mon-Fri', '@monthly'],
      timezone: 'Asia/Tokyo',
      jitter: '1m',
      note: 'first',
      remainingActions: 4,
      overlap: 'buffer-one',
      startAt: '2027-01-01',
    });
    const before = await show('changing');
    expect(before).toMatchObject({
      times: 'cron 0 3 * * Mon-Fri; cron @monthly',
      timezone: 'Asia/Tokyo',
      remainingActions: 4,
      overlap: 'buffer-one',
    });
    expect(before.next[0]).toMatch(/^2026-12-31T|^2027-01-0/);
    const { schedules } = stack.client;
    const after = await schedules.update('changing', {
      every: '6h/1h',
      remainingActions: 'none',
      startAt: 'none',
    });
    expect(after).toMatchObject({
      times: 'every 6h from 1h',
      timezone: 'Asia/Tokyo',
      jitter: '1m',
      note: 'first',
      overlap: 'buffer-one',
      remainingActions: undefined,
      startAt: undefined,
      pipeline: 'changing',
    });
    await expect(schedules.update('changing', { overlap: 'allow-all', onlyNewData: true })).rejects.toThrow(
      /only-new-data/,
    );
    const other = parsePipelineSpec({ ...spec, name: 'changing', training: { maxSteps: 3 } });
    expect((await schedules.update('changing', {}, other)).spec!.training.maxSteps).toBe(3);
  });
});

describe('alerts on real servers', () => {
  const alerts = () => ({ webhooks: [receiver.url] });

  it('reach a webhook when the gate refuses a model', async () => {
    const evaluation = { gate: { loss: { max: 0 } } };
    const result = await stack.client.result(
      await stack.client.submit({ ...spec, evaluation, alerts: alerts() }),
    );
    expect(result.status).toBe('refused');
    expect(receiver.of(result.runId)).toMatchObject([
      {
        event: 'refused',
        status: 'refused',
        problems: [{ path: 'evaluation.gate.loss', allowed: 'at most 0' }],
        metrics: { test: { f1: expect.any(Number) as number } },
      },
    ]);
    const { uiPath } = await stack.client.show(result.runId);
    expect(receiver.of(result.runId)[0]!.uiPath).toBe(uiPath);
  });

  it('tell of a model that is worse than the one in production', async () => {
    const name = { name: 'drifting', alerts: alerts() };
    const long = { ...spec.training, maxSteps: 150 };
    const good = await stack.client.result(await stack.client.submit({ ...spec, ...name, training: long }));
    expect(receiver.of(good.runId)).toEqual([]);
    await stack.client.registry.moveAlias('drifting', 'production', good.model!.version);
    const short = { ...spec.training, maxSteps: 1, learningRate: 1e-9 };
    const bad = await stack.client.result(await stack.client.submit({ ...spec, ...name, training: short }));
    expect(bad).toMatchObject({ status: 'completed', model: { version: 2 } });
    expect(receiver.of(bad.runId)).toMatchObject([
      { event: 'drift', status: 'completed', model: { name: 'drifting', version: 2 } },
    ]);
    expect(receiver.of(bad.runId)[0]!.message).toContain('worse than drifting:1@production');
  });

  it('that nobody takes fail nothing', async () => {
    const result = await stack.client.result(
      await stack.client.submit({
        ...spec,
        evaluation: { gate: { loss: { max: 0 } } },
        alerts: { webhooks: ['env:NO_SUCH_HOOK', `${receiver.url}-elsewhere`] },
      }),
    );
    expect(result).toMatchObject({ status: 'refused', error: { code: 'GATE_REFUSED' } });
  });
});

describe('temper schedule', () => {
  const run = async (...args: string[]): Promise<Ended> => temper(stack.folder, 'schedule', ...args);
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await run(...args, '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return JSON.parse(stdout) as T;
  };

  it('does from the command line all that a person needs at night', async () => {
    await writeFile(join(stack.folder, 'cli.yaml'), stringify({ ...spec, name: 'cli' }));
    ids.push('cli');
    const flags = ['--calendar', '{"hour":3,"dayOfWeek":"MONDAY"}', '--timezone', 'Europe/Berlin'];
    const created = await json<ScheduleInfo>(
      'create',
      'cli.yaml',
      ...flags,
      '--only-new-data',
      '--note',
      'new',
    );
    expect(created).toMatchObject({ id: 'cli', onlyNewData: true, note: 'new', overlap: 'skip' });
    expect(created.next[0]).toMatch(/T0[12]:00:00/);
    await json('pause', 'cli', '--note', 'holidays');
    await json('trigger', 'cli');
    await runsOf('cli', 1);
    const twoDays = ['--from', '2026-01-01', '--to', '2026-01-14'];
    await json('backfill', 'cli', ...twoDays);
    await runsOf('cli', 3);
    const shown = await run('show', 'cli');
    for (const words of [
      'calendar hour=3 dayOfWeek=MONDAY, Europe/Berlin  paused',
      'note     holidays',
      'overlap skip',
      'only new data',
      'started 3, skipped 0',
      '2026-01-05 03:00:00',
      'unchanged  cli-2026-01-05T02:00:00Z',
    ])
      expect(shown.stdout).toContain(words);
    await json('update', 'cli', '--cron', '30 4 * * *', '--set', 'training.maxSteps=5');
    await json('resume', 'cli');
    const listed = await json<ScheduleInfo[]>('list');
    expect(listed.find((s) => s.id === 'cli')).toMatchObject({ times: 'cron 30 4 * * *', paused: false });
    expect((await run('list')).stdout).toContain('04:30:00');
  });

  it('collects garbage by the clock, and tells what each collection came to', async () => {
    const gc = async (...args: string[]) => {
      const { code, stdout } = await temper(stack.folder, 'gc', ...args, '--json');
      return { code, ...(code === 0 ? (JSON.parse(stdout) as Partial<CollectionSchedule>) : {}) };
    };
    const made = await gc('--schedule', '1d', '--grace', '0s');
    expect(made).toMatchObject({ code: 0, times: 'every 1d', grace: '0s', queue: 'temper-cpu' });
    const orphan = blobKey(digestOfBytes('of a killed upload'));
    await stack.store.put(orphan, new TextEncoder().encode('of a killed upload'));
    await sleep(1100);
    await stack.client.collections.trigger();
    const last = await eventually('a collection', async () => {
      const { recent } = await gc('show');
      return recent?.[0]?.collected;
    });
    expect(last).toMatchObject({ dryRun: false, missing: 0 });
    expect(await stack.store.head(orphan)).toBeUndefined();
    expect(await gc('--schedule', 'none')).toMatchObject({ code: 0 });
    expect(await gc('show')).toMatchObject({ code: 2 });
  });

  it('reports all mistakes at once, those of the spec too, with exit code 2', async () => {
    await writeFile(join(stack.folder, 'wrong.yaml'), stringify({ ...spec, name: 'wrong', taks: 'x' }));
    const { code, stderr } = await run('create', 'wrong.yaml', '--cron', '61 * * * *', '--overlap', 'never');
    expect(code).toBe(2);
    for (const words of [
      '--cron',
      '"61" is no minute',
      '--overlap',
      'buffer-one',
      'taks',
      'did you mean task?',
    ])
      expect(stderr).toContain(words);
    for (const args of [
      ['update', 'no-such'],
      ['show', 'no-such'],
      ['backfill', 'x', '--from', 'y', '--to', 'z'],
    ])
      expect((await run(...args)).code).toBe(2);
  });
});
