import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { SweepInfo } from '@temper/client';
import { isStep } from '@temper/contracts';
import {
  parseSweepSpec,
  trialParams,
  trialSpec,
  type PipelineSpecInput,
  type SweepResult,
  type SweepSpecInput,
} from '@temper/spec';
import { ArtifactStore, RunStore } from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemper } from '../cli/temper.js';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { eventually, Stack, trainersOf } from './stack.js';

let stack: Stack;
let pipeline: PipelineSpecInput;

beforeAll(async () => {
  stack = await Stack.start();
  pipeline = {
    ...(await writeTinyPipeline(stack.folder, 300)),
    training: { maxSteps: 90, trainBatchSize: 8, evalStrategy: 'steps', evalSteps: 25, saveSteps: 1000 },
    resources: { threads: 1 },
  };
  // Three devices, so that the sweep itself is what bounds its trials to two.
  await Promise.all([1, 2, 3].map(() => stack.worker('cpu')));
});
afterAll(() => stack[Symbol.asyncDispose]());

/** The most trainers of these runs that were seen at once, until the work is done. */
async function mostTrainers<T>(prefix: string, work: Promise<T>): Promise<[T, number]> {
  let most = 0;
  let done = false;
  const watching = (async () => {
    for (; !done; await sleep(20)) most = Math.max(most, (await trainersOf(prefix)).length);
  })();
  try {
    return [await work, most];
  } finally {
    done = true;
    await watching;
  }
}

describe('a sweep by successive halving on real servers', () => {
  const written = (): SweepSpecInput => ({
    name: 'rates',
    pipeline,
    search: { 'training.learningRate': { min: 1e-6, max: 1e4, scale: 'log' } },
    strategy: 'asha',
    trials: 8,
    seed: 5,
    // Before much is learnt many trials have the same f1, while losses differ from the first step.
    objective: { metric: 'loss' },
    parallel: 2,
    asha: { minSteps: 10, reductionFactor: 3 },
    publish: { model: 'tiny-best' },
  });
  let result: SweepResult;

  it('stops the poor trials early and publishes the best, never more than two at a time', async () => {
    const spec = parseSweepSpec(written());
    const rates = Array.from({ length: 8 }, (_, i) => Number(trialParams(spec, i)['training.learningRate']));
    expect(rates.some((rate) => rate > 10)).toBe(true);
    const sweepId = await stack.client.sweeps.start(spec);
    let most: number;
    [result, most] = await mostTrainers(sweepId, stack.client.sweeps.result(sweepId));
    expect(result.error).toBeUndefined();
    expect(result).toMatchObject({ status: 'completed', model: { name: 'tiny-best', version: 1 } });
    expect(most).toBe(2);
    const stopped = result.trials.filter((t) => t.status !== 'completed');
    expect(stopped.length).toBeGreaterThanOrEqual(5);
    for (const { runId, steps } of stopped) {
      const lines = (await stack.client.metrics(runId)).filter(isStep);
      expect(lines.length, runId).toBeLessThan(90);
      if (steps) expect(lines.map((l) => l.step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    }
    expect(result.best).toMatchObject({ status: 'completed', steps: 90 });
    expect((result.metrics.test as { f1: number }).f1).toBeGreaterThan(0.8);
    expect(await stack.client.registry.resolve('tiny-best@candidate')).toMatchObject({
      version: 1,
      runId: result.best!.runId,
      digest: result.model!.digest,
    });
  });

  it('keeps its trials out of the list of runs', async () => {
    const { sweepId } = result;
    expect((await stack.client.list({ limit: 100 })).map((r) => r.runId)).not.toContain(result.best!.runId);
    const trials = await stack.client.list({ sweep: sweepId, limit: 100 });
    expect(trials.map((r) => r.runId).sort()).toEqual(result.trials.map((t) => t.runId).sort());
  });

  it('shares the prepared data, and tells of all trials in card and report', async () => {
    const { runId, trial } = result.best!;
    const shown = await stack.client.show(runId);
    expect(shown.result!.stages.map((s) => [s.name, s.cached])).toEqual([
      ['ingest', true],
      ['preprocess', true],
      ['train', true],
      ['evaluate', false],
      ['publish', false],
    ]);
    const report = await new RunStore(stack.store).readFile(runId, 'report.json');
    const { sweep } = JSON.parse(new TextDecoder().decode(report)) as {
      sweep: { rows: { trial: number }[] };
    };
    expect(sweep.rows).toHaveLength(8);
    expect(sweep.rows[0]!.trial).toBe(trial);
    const artifacts = new ArtifactStore(stack.store, { cacheFolder: join(stack.folder, 'cache') });
    const { artifact } = await stack.client.registry.resolve('tiny-best');
    await artifacts.materialize(artifact, join(stack.folder, 'card'), ['README.md']);
    const card = await readFile(join(stack.folder, 'card/README.md'), 'utf8');
    expect(card).toContain('The best of 8 trials (asha) by the smallest validation loss.');
    expect(card).toContain('| trial | training.learningRate | loss | steps | status |');
  });

  it('ends with the weights of the same training without rungs', async () => {
    const spec = parseSweepSpec(written());
    const whole = trialSpec(spec.pipeline, result.best!.params);
    const plain = await stack.client.result(
      await stack.client.submit({ ...whole, publish: { model: 'tiny-plain' } }, { fresh: true }),
    );
    expect(plain.stages.find((s) => s.name === 'train')).toMatchObject({ cached: false });
    expect(plain.model!.digest).toBe(result.model!.digest);
    expect(plain.metrics.test).toEqual(result.metrics.test);
  });

  it('an equal sweep finds every rung in the cache', async () => {
    const sweepId = await stack.client.sweeps.start(parseSweepSpec(written()));
    const again = await stack.client.sweeps.result(sweepId);
    expect(again.best).toMatchObject({ params: result.best!.params, metric: result.best!.metric });
    const stages = (await stack.client.show(again.best!.runId)).result!.stages;
    expect(stages.find((s) => s.name === 'train')).toMatchObject({ cached: true });
    expect(again.model!.digest).toBe(result.model!.digest);
  });
});

describe('temper sweep', () => {
  const temper = (...args: string[]) => startTemper(stack.folder, args, { ...stack.services.env }).ended;
  const small = () => ({
    ...pipeline,
    training: { ...pipeline.training, maxSteps: 6, evalStrategy: 'epoch' as const },
  });

  it.each([
    ['grid', { 'training.learningRate': { values: [1e-3, 1e-6] }, 'training.seed': { values: [1, 2] } }, 4],
    ['random', { 'training.weightDecay': { min: 0, max: 0.1 } }, 2],
  ])('follows a %s search to its end', async (strategy, search, trials) => {
    await writeFile(join(stack.folder, 'pipeline.yaml'), stringify(small()));
    const sweep = { name: strategy, pipeline: 'pipeline.yaml', search, strategy };
    await writeFile(join(stack.folder, `${strategy}.yaml`), stringify(sweep));
    const set = strategy === 'random' ? ['--set', 'trials=2'] : [];
    const { code, stdout, stderr } = await temper('sweep', `${strategy}.yaml`, ...set, '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const result = JSON.parse(stdout) as SweepResult;
    expect(result).toMatchObject({ status: 'completed', counts: { completed: trials } });
    expect(result.trials).toHaveLength(trials);
    expect(stderr).toContain(`trial ${trials - 1}  completed`);
    expect(stderr).toContain('best so far: trial');
    const metrics = result.trials.map((t) => t.metric!);
    expect(metrics).toEqual([...metrics].sort((a, b) => b - a));
  });

  it('lists and shows them, and says no to what is not there', async () => {
    const listed = JSON.parse((await temper('sweep', 'list', '--json')).stdout) as SweepInfo[];
    expect(listed.slice(0, 2).map((s) => [s.pipeline, s.status])).toEqual(
      Array(2).fill(['tiny', 'completed']),
    );
    const shown = await temper('sweep', 'show', listed[0]!.sweepId);
    expect(shown).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('training.weightDecay') as string,
    });
    expect(await temper('sweep', 'show', 'nosuch')).toMatchObject({ code: 2 });
    expect(await temper('sweep', 'cancel', listed[0]!.sweepId)).toMatchObject({ code: 2 });
  });

  it('refuses a sweep with mistakes before anything is queued', async () => {
    const bad = {
      name: 'bad',
      pipeline: { ...small(), dataset: { train: 'nothing.csv' } },
      search: { 'training.lr': { values: [1] } },
    };
    await writeFile(join(stack.folder, 'bad.yaml'), stringify(bad));
    const { code, stderr } = await temper('sweep', 'bad.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain('search.training.lr');
    expect(stderr).toContain('pipeline.dataset.train: no such file');
  });

  it('cancels a sweep with its trials', async () => {
    const long = { ...pipeline, training: { ...pipeline.training, maxSteps: 100_000 } };
    const sweep = {
      name: 'long',
      pipeline: long,
      search: { 'training.seed': { values: [1, 2, 3] } },
      strategy: 'grid',
    };
    await writeFile(join(stack.folder, 'long.yaml'), stringify(sweep));
    const { stdout } = await temper('sweep', 'long.yaml', '--detach', '--json');
    const { sweepId } = JSON.parse(stdout) as { sweepId: string };
    while ((await trainersOf(sweepId)).length < 2) await sleep(50);
    expect(await temper('sweep', 'cancel', sweepId)).toMatchObject({ code: 0 });
    expect(await stack.client.sweeps.result(sweepId)).toMatchObject({ status: 'cancelled' });
    await eventually('no trainer is left', async () => !(await trainersOf(sweepId)).length);
  });
});
