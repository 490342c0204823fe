import { setTimeout as sleep } from 'node:timers/promises';
import { definePipeline } from '@temper/client';
import { TemperError } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import { fakeActivities, TemperTestEnvironment } from '@temper/testing';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testServer } from './test-server.js';

let temper: TemperTestEnvironment;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  temper = await TemperTestEnvironment.create({ server: await testServer() });
});
afterAll(() => temper[Symbol.asyncDispose]());

const mail: PipelineSpecInput = { name: 'mail', model: { base: './minilm' }, dataset: { train: 'mail.csv' } };

describe('a pipeline on fake stages', () => {
  it('ends as a real one, and leaves a version with its lineage and a log behind', async () => {
    await temper.run({}, async ({ client, execute, calls, stages }) => {
      const result = await execute(mail);
      expect(result).toMatchObject({ status: 'completed', model: { name: 'mail', version: 1 } });
      expect(stages).toEqual(['ingest', 'preprocess', 'train', 'evaluate', 'publish']);
      expect(calls.train[0]!.spec.training.learningRate).toBeGreaterThan(0);
      const { meta, aliases } = await client.models.get('mail@candidate');
      expect({ task: meta.task, aliases }).toEqual({
        task: 'sequence-classification',
        aliases: ['candidate'],
      });
      const lineage = await client.models.lineage('mail');
      expect(lineage.dataset.manifest.meta.rows).toEqual({ train: 100 });
      expect(lineage.checkpoint.manifest.meta.step).toBe(result.training!.steps);
      const metrics = await client.metrics(result.runId);
      expect(metrics.length).toBeGreaterThan(0);
      expect(metrics.at(-1)!.loss).toBeLessThan(metrics[0]!.loss);
    });
  });

  it('makes equal things of equal specs, and others of others', async () => {
    const digests = await temper.run({}, async ({ execute }) => {
      const runs = [mail, mail, { ...mail, training: { epochs: 9 } }];
      const found: string[] = [];
      for (const spec of runs) found.push((await execute(spec)).model!.digest);
      return found;
    });
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });

  it('is refused by the gate of its spec where the metrics are so', async () => {
    const gated = { ...mail, evaluation: { gate: { f1: { min: 0.8 } } } };
    await temper.run({ evaluate: { returns: { test: { f1: 0.3 } } } }, async ({ execute, stages }) => {
      const { status, error } = await execute(gated);
      expect([status, error?.code]).toEqual(['refused', 'GATE_REFUSED']);
      expect(stages).not.toContain('publish');
    });
  });

  it('tries again what is worth it, and waits for that no longer than it takes to say so', async () => {
    const down = Array.from({ length: 6 }, () => new TemperError('STORE_UNAVAILABLE', 'down'));
    await temper.run({ preprocess: { fails: down } }, async ({ execute, calls }) => {
      const started = Date.now();
      const { status, stages } = await execute(mail);
      expect(status).toBe('completed');
      expect(calls.preprocess).toHaveLength(7);
      expect(stages.find((s) => s.name === 'preprocess')!.attempts).toBe(7);
      // 1 + 2 + 4 + 8 + 16 + 32 seconds between them.
      expect(Date.now() - started).toBeLessThan(30_000);
    });
  });

  it('does not try again a mistake of its user', async () => {
    const wrong = new TemperError('DATA_INVALID', { path: 'mail.csv:7', message: 'no label' });
    await temper.run({ ingest: { fails: wrong } }, async ({ execute, calls }) => {
      const { status, error } = await execute(mail);
      expect(status).toBe('failed');
      expect(error).toMatchObject({ code: 'DATA_INVALID', problems: [{ path: 'mail.csv:7' }] });
      expect(calls.ingest).toHaveLength(1);
    });
  });

  it('is paused while it trains, changed, and resumed', async () => {
    const train = { takes: '2 seconds' };
    await temper.run({ train }, async ({ client, calls }) => {
      const runId = await client.submit(mail, { check: false });
      while (!calls.train.length) await sleep(20);
      expect(await client.pause(runId)).toMatchObject({ status: 'paused' });
      await client.change(runId, { learningRate: 1e-5 });
      await client.resume(runId);
      const { status, changes } = await client.result(runId);
      expect({ status, changes }).toMatchObject({ status: 'completed', changes: [{ learningRate: 1e-5 }] });
      expect(calls.train).toHaveLength(2);
      expect(calls.train[1]!.changes).toHaveLength(1);
    });
  });

  it('waits for whoever approves it', async () => {
    await temper.run({}, async ({ client }) => {
      const runId = await client.submit({ ...mail, publish: { approval: true } }, { check: false });
      for await (const { progress } of client.follow(runId, { interval: 20 }))
        if (progress?.status === 'awaiting-approval') break;
      await client.approve(runId, { by: 'ann', comment: 'fine' });
      const { status, approval } = await client.result(runId);
      expect({ status, approval }).toMatchObject({ status: 'completed', approval: { by: 'ann' } });
      expect((await client.models.get('mail')).meta.lineage.approval).toMatchObject({ comment: 'fine' });
    });
  });

  it('is a trial of a sweep, judged by what its test makes of the settings', async () => {
    const train = {
      returns: ({ spec }: { spec: { training: { learningRate: number } } }) => ({
        validation: { f1: spec.training.learningRate === 1e-3 ? 0.95 : 0.5 },
      }),
    };
    await temper.run({ train }, async ({ client }) => {
      const search = { 'training.learningRate': { values: [1e-4, 1e-3, 1e-2] } };
      const sweep = { name: 'rates', pipeline: mail, strategy: 'grid' as const, search };
      const { status, best } = await client.sweeps.result(await client.sweeps.start(sweep, { check: false }));
      expect({ status, best }).toMatchObject({
        status: 'completed',
        best: { params: { 'training.learningRate': 1e-3 } },
      });
    });
  });
});

describe('fakes by themselves', () => {
  it('are the activities of any worker or test of an activity', async () => {
    const { activities, calls } = fakeActivities({ choosePool: { returns: 'cuda' as never } });
    expect(await activities.choosePool()).toBe('cuda');
    const ingested = await new MockActivityEnvironment({ attempt: 2 }).run(activities.ingest, {
      runId: 'run',
      spec: definePipeline({ ...mail, model: { base: 'hf:org/minilm' } }),
    });
    expect(ingested).toMatchObject({ summary: '100 train rows; base model hf:org/minilm', attempts: 2 });
    expect(calls.ingest[0]!.runId).toBe('run');
  });
});
