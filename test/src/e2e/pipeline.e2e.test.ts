import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { queuesOf, type RunResult } from '@temper/contracts';
import { type PipelineSpecInput } from '@temper/spec';
import { ArtifactStore } from '@temper/storage';
import { TemperPlugin } from '@temper/plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sentences, writeCsv, writeTinyBert, writeTinyPipeline } from '../cli/tiny-classifier.js';
import { eventually, Stack, trainersOf, type WorkerHandle } from './stack.js';

let stack: Stack;
let worker: WorkerHandle;
let spec: PipelineSpecInput;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  stack = await Stack.start();
  worker = await stack.worker();
  spec = {
    ...(await writeTinyPipeline(stack.folder, 300)),
    training: { maxSteps: 300, learningRate: 1e-3, trainBatchSize: 8, saveSteps: 20, evalStrategy: 'no' },
    evaluation: { gate: { f1: { min: 0.6 } } },
  };
});
afterAll(() => stack[Symbol.asyncDispose]());

/** Of processor time, of all of them; proc(5): stat, fields 14 and 15, of 100 clock ticks a second. */
async function secondsOf(ids: readonly number[]): Promise<number> {
  const stats = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')));
  const fields = stats.map((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' '));
  return fields.reduce((sum, of) => sum + (Number(of[11]) + Number(of[12]) || 0) / 100, 0);
}

const stageOf = (result: RunResult, name: string) => result.stages.find((s) => s.name === name)!;

describe('the whole pipeline on real servers', () => {
  let uninterrupted: RunResult;

  it('goes from a CSV file and a base model to a published, better model', async () => {
    const runId = await stack.client.submit(spec);
    uninterrupted = await stack.client.result(runId);
    expect(uninterrupted).toMatchObject({ runId, status: 'completed', model: { name: 'tiny', version: 1 } });
    const { base, test } = uninterrupted.metrics as Record<string, { f1: number }>;
    expect(test!.f1).toBeGreaterThan(Math.max(0.9, base!.f1));
    expect(uninterrupted.stages.map((s) => [s.status, s.cached, s.attempts])).toEqual(
      Array(5).fill(['completed', false, 1]),
    );
    expect(await stack.client.metrics(runId)).toHaveLength(300);
    const version = await stack.client.registry.resolve('tiny@candidate');
    expect(version).toMatchObject({ version: 1, runId, digest: uninterrupted.model!.digest });
  });

  it('does nothing twice: an equal run is cached to the last stage', async () => {
    const started = Date.now();
    const again = await stack.client.result(await stack.client.submit(spec));
    expect(again.stages.map((s) => s.cached)).toEqual(Array(5).fill(true));
    expect(again.model).toEqual(uninterrupted.model);
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(await stack.client.metrics(again.runId)).toHaveLength(300);
  });

  it('comes to the same checkpoint, artifact and version when all of it is done anew', async () => {
    const fresh = await stack.client.result(await stack.client.submit(spec, { fresh: true }));
    expect(fresh.stages.map((s) => s.cached)).toEqual(Array(5).fill(false));
    expect(fresh.checkpoint).toEqual(uninterrupted.checkpoint);
    expect(fresh.model).toEqual(uninterrupted.model);
    const { artifact } = await stack.client.registry.resolve('tiny');
    expect(await stack.client.registry.versions('tiny')).toMatchObject([{ version: 1, artifact }]);
    const artifacts = new ArtifactStore(stack.store, { cacheFolder: join(stack.folder, 'blobs') });
    // Measured by the clock, so it is the run's log alone that has them.
    const { files } = await artifacts.manifest(fresh.checkpoint!);
    expect(files.map(({ path }) => path)).toEqual(['optimizer.safetensors', 'trainable.safetensors']);
  });

  it('is not reused where the engine is part of the result, but by an equal one', async () => {
    const exact = { ...spec, resources: { exact: true } };
    const first = await stack.client.result(await stack.client.submit(exact));
    expect(first.stages.map((s) => s.cached)).toEqual([true, true, false, false, true]);
    expect(first.checkpoint).toEqual(uninterrupted.checkpoint);
    const again = await stack.client.result(await stack.client.submit(exact));
    expect(again.stages.map((s) => s.cached)).toEqual(Array(5).fill(true));
    expect(await stack.client.engine(again)).toMatchObject({ provider: 'cpu' });
  });

  it('runs again only what changed', async () => {
    const refused = await stack.client.result(
      await stack.client.submit({ ...spec, evaluation: { gate: { loss: { max: 0 } } } }),
    );
    expect(refused).toMatchObject({ status: 'refused', error: { code: 'GATE_REFUSED' } });
    expect(refused.stages.map((s) => [s.name, s.status, s.cached])).toEqual([
      ['ingest', 'completed', true],
      ['preprocess', 'completed', true],
      ['train', 'completed', true],
      ['evaluate', 'completed', true],
      ['publish', 'skipped', false],
    ]);
  });

  it('ends with the same model when the trainer is killed twice on the way', async () => {
    const runId = await stack.client.submit(spec, { fresh: true });
    for (const step of [40, 140]) {
      await eventually(`step ${step}`, async () => (await stack.checkpointStep(runId)) >= step);
      const [trainer] = await eventually('a trainer', async () => {
        const found = await trainersOf(runId);
        return found.length > 0 && found;
      });
      process.kill(trainer!, 'SIGKILL');
    }
    const result = await stack.client.result(runId);
    expect(result.status).toBe('completed');
    expect(stageOf(result, 'train').attempts).toBe(3);
    expect(result.model!.digest).toBe(uninterrupted.model!.digest);
    expect((await stack.client.metrics(runId)).map((line) => line.step)).toEqual(
      Array.from({ length: 300 }, (_, i) => i + 1),
    );
  });

  it('ends with the same model when the whole worker is killed and another one comes', async () => {
    const runId = await stack.client.submit(spec, { fresh: true });
    await eventually('a checkpoint', async () => (await stack.checkpointStep(runId)) >= 60);
    const orphans = await trainersOf(runId);
    expect(orphans).toHaveLength(1);
    await worker.killHard();
    await eventually('the orphan to go', async () => (await trainersOf(runId)).length === 0, 10_000);
    worker = await stack.worker();
    const result = await stack.client.result(runId);
    expect(result.status).toBe('completed');
    expect(stageOf(result, 'train').attempts).toBe(2);
    expect(result.model!.digest).toBe(uninterrupted.model!.digest);
  });

  it('stops the trainer of a cancelled run, and a retry goes on from there', async () => {
    const runId = await stack.client.submit(spec, { fresh: true });
    await eventually('a checkpoint', async () => (await stack.checkpointStep(runId)) >= 40);
    await stack.client.cancel(runId);
    const cancelled = await stack.client.result(runId);
    expect(cancelled).toMatchObject({ runId, status: 'cancelled' });
    // How far it came is told all the same.
    expect(cancelled.stages.map((s) => s.status)).toEqual([
      ...['completed', 'completed', 'cancelled', 'skipped', 'skipped'],
    ]);
    const listed = async () => (await stack.client.list({ status: 'cancelled' })).map((r) => r.runId);
    await expect.poll(listed).toContain(runId);
    expect(await trainersOf(runId)).toEqual([]);
    const reached = await stack.checkpointStep(runId);
    expect(reached).toBeLessThan(300);
    await stack.client.retry(runId);
    const result = await stack.client.result(runId);
    expect(result).toMatchObject({ status: 'completed', model: { digest: uninterrupted.model!.digest } });
    expect(await stack.checkpointStep(runId)).toBe(300);
    // Its first execution is a cancelled workflow for good; the run is not.
    expect(await listed()).not.toContain(runId);
  });

  it('ends a tokenizer that takes for ever with the run that is cancelled meanwhile, or after ten seconds', async () => {
    const base = await writeTinyBert(join(stack.folder, 'slow'));
    const file = join(base, 'tokenizer.json');
    const tokenizer = JSON.parse(await readFile(file, 'utf8')) as { normalizer: object };
    // Quadratic in the length of the text.
    const endless = { type: 'Replace', pattern: { Regex: 'x*y' }, content: 'z' };
    tokenizer.normalizer = { type: 'Sequence', normalizers: [tokenizer.normalizer, endless] };
    await writeFile(file, JSON.stringify(tokenizer));
    // A BERT's own class would take nothing of that file but its words.
    const config = { tokenizer_class: 'PreTrainedTokenizerFast', unk_token: '[UNK]', pad_token: '[PAD]' };
    await writeFile(join(base, 'tokenizer_config.json'), JSON.stringify(config));
    const rows = [...sentences(200), { text: `${'x'.repeat(100_000)}wy`, label: 'bad' }];
    const train = await writeCsv(join(stack.folder, 'slow.csv'), rows);
    const changed = { ...spec, model: { base }, dataset: { train } };
    const runId = await stack.client.submit(changed);
    await eventually('a busy tokenizer', async () => (await secondsOf(await worker.tokenizers())) > 1.5);
    await stack.client.cancel(runId);
    await eventually('its end', async () => (await worker.tokenizers()).length === 0, 5_000);
    expect(await stack.client.result(runId)).toMatchObject({ status: 'cancelled' });

    const again = await stack.client.result(await stack.client.submit(changed));
    expect(again).toMatchObject({ status: 'failed', error: { code: 'DATA_INVALID', stage: 'preprocess' } });
    expect(stageOf(again, 'preprocess').attempts).toBe(1);
    expect(again.error!.problems).toMatchObject([{ path: 'dataset.train row 201' }]);
    expect(await worker.tokenizers()).toEqual([]);
  });

  it('passes a training on when its worker is asked to stop', async () => {
    const runId = await stack.client.submit(spec, { fresh: true });
    await eventually('a checkpoint', async () => (await stack.checkpointStep(runId)) >= 20);
    await worker.stop();
    const reached = await stack.checkpointStep(runId);
    worker = await stack.worker();
    const result = await stack.client.result(runId);
    expect(result).toMatchObject({ status: 'completed', model: { digest: uninterrupted.model!.digest } });
    expect(stageOf(result, 'train').attempts).toBe(2);
    // Not only the last of every 20 steps: it wrote a checkpoint because it was asked to stop.
    expect(reached).toBeGreaterThan(20);
  });

  it("ends at once, with what is wrong, on a user's mistake", async () => {
    const dataset = { train: join(stack.folder, 'train.csv'), columns: { text: 'text', label: 'sentiment' } };
    const result = await stack.client.result(await stack.client.submit({ ...spec, dataset }));
    expect(result).toMatchObject({ status: 'failed', error: { code: 'DATA_INVALID', stage: 'ingest' } });
    expect(result.error!.problems[0]!.message).toContain('no column sentiment');
    expect(stageOf(result, 'ingest').attempts).toBe(1);
  });

  it("runs in somebody else's worker, from one plugin", async () => {
    await worker.stop();
    const { temporal, env } = stack.services;
    const connection = await NativeConnection.connect({ address: temporal.address });
    try {
      const home = join(stack.folder, 'elsewhere');
      const plugin = new TemperPlugin({ store: stack.store, home, trainer: { env } });
      const theirs = await Worker.create({ connection, taskQueue: queuesOf().workflow, plugins: [plugin] });
      const result = await theirs.runUntil(async () =>
        stack.client.result(await stack.client.submit(spec, { fresh: true })),
      );
      expect(result).toMatchObject({ status: 'completed', model: { digest: uninterrupted.model!.digest } });
    } finally {
      await connection.close();
    }
  });
});
