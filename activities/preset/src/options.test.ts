import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';
import { IngestPlugin } from '@temper/activity-ingest';
import { TrainPlugin } from '@temper/activity-train';
import { TemperError } from '@temper/contracts';
import { MemoryStore } from '@temper/storage';
import { describe, expect, it } from 'vitest';
import { TemperPlugin } from './plugin.js';
import { WorkflowsPlugin } from './workflows.js';

const store = new MemoryStore();
const home = mkdtempSync(join(tmpdir(), 'temper-options-'));

/** The problems of what is thrown, as lines. */
function refused(make: () => unknown): string[] {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(TemperError);
    expect((error as TemperError).code).toBe('SPEC_INVALID');
    return (error as TemperError).message.split('\n');
  }
  throw new Error('nothing was thrown');
}

describe('options that are wrong', () => {
  it('are all named at once when the plugin is made, an unknown one with the nearest there is', () => {
    const options = { stor: store, home: 7, slots: -1, watchdog: { first: '1 s' }, provider: 'cpu' };
    const lines = refused(() => new TemperPlugin(options as never));
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^TemperPlugin\.stor: unknown option; allowed: store, home, .*; did you mean store\?$/,
      ),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^TemperPlugin\.store: is required; found nothing; e\.g\. createS3Store\(\)/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^TemperPlugin\.home: .*expected string.*found 7$/));
    expect(lines).toContainEqual(expect.stringMatching(/^TemperPlugin\.slots: .*found -1$/));
    expect(lines).toContainEqual(expect.stringMatching(/^TemperPlugin\.watchdog\.first: .*found a string$/));
    expect(lines).toContainEqual(expect.stringMatching(/^TemperPlugin\.provider: unknown option/));
  });

  it('are no options at all', () => {
    expect(refused(() => new (IngestPlugin as new () => unknown)())).toEqual([
      'IngestPlugin: needs options; allowed: { store, home, … }',
    ]);
  });

  it.each([
    [
      () => new IngestPlugin({ store: {} as never }),
      /^IngestPlugin\.store: must be an object store; found an object/,
    ],
    [() => new IngestPlugin({ store, slots: 1 } as never), /^IngestPlugin\.slots: unknown option/],
    [
      () => new TrainPlugin({ store, provider: 'gpu' as never }),
      /^TrainPlugin\.provider: .*"cpu"\|"webgpu"\|"cuda"/,
    ],
    [() => new TrainPlugin({ store, threads: 1.5 }), /^TrainPlugin\.threads: .*found 1\.5/],
    [() => new TemperPlugin({ store, queuePrefix: 'a b' }), /^queuePrefix: .*found a b; allowed: letters/],
    [() => new TemperPlugin({ store, heartbeatInterval: 1 }), /^TemperPlugin\.heartbeatInterval: .*>=100/],
    [() => new WorkflowsPlugin({ searchAttributes: 'no' as never }), /^WorkflowsPlugin\.searchAttributes: /],
  ])('%#', (make, words) => {
    expect(refused(make)).toEqual([expect.stringMatching(words)]);
  });

  it('take what is undefined for what is not given', () => {
    expect(new TemperPlugin({ store, home, trainer: undefined, slots: undefined }).name).toBe('temper.all');
  });
});

describe('what a worker would miss in the middle of a run', () => {
  const options: WorkerOptions = { taskQueue: 'q' };

  it('a folder that cannot be written', async () => {
    const file = join(home, 'file');
    writeFileSync(file, '');
    const plugin = new IngestPlugin({ store, home: join(file, 'in-it') });
    await expect(plugin.configureWorker(options)).rejects.toThrow(
      /^IngestPlugin\.home: this folder cannot be written; found .*ENOTDIR/,
    );
  });

  it('a store whose conditional writes are broken', async () => {
    const broken = new MemoryStore();
    broken.put = (key, body) => MemoryStore.prototype.put.call(new MemoryStore(), key, body);
    const plugin = new IngestPlugin({ store: broken, home });
    await expect(plugin.configureWorker(options)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    const unchecked = new IngestPlugin({ store: broken, home, startupChecks: false });
    expect((await unchecked.configureWorker(options)).activities).toHaveProperty('ingest');
  });

  it('an activity whose name is taken, by the host or by a second plugin', async () => {
    const activities = { ingest: async () => 'theirs', other: async () => 'kept' };
    const plugin = new IngestPlugin({ store, home });
    await expect(plugin.configureWorker({ ...options, activities })).rejects.toThrow(
      /^IngestPlugin: activity ingest: this worker has an activity of this name already/,
    );
    const { ingest: _, ...others } = activities;
    const first = await plugin.configureWorker({ ...options, activities: others });
    expect(Object.keys(first.activities!)).toEqual(['other', 'ingest']);
    await expect(new IngestPlugin({ store, home }).configureWorker(first)).rejects.toThrow(
      /of this name already/,
    );
    // The same one, given to the connection and to the worker.
    expect(await plugin.configureWorker(first)).toBe(first);
  });
});
