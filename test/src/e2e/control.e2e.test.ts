import { TemperClient } from '@temper/client';
import { isStep, type CheckpointEntry, type RunResult } from '@temper/contracts';
import { type PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemper } from '../cli/temper.js';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { eventually, Stack, trainersOf } from './stack.js';

/** Commands of the command line that the steps of a training leave time for: it takes seconds to start. */
const COMMANDS = 3;
/** A multiple of 400. */
let STEPS = 400;
let stack: Stack;
let spec: PipelineSpecInput;
let uninterrupted: RunResult;

beforeAll(async () => {
  stack = await Stack.start();
  await stack.worker();
  const tiny = await writeTinyPipeline(stack.folder, 300);
  const training = { learningRate: 1e-3, trainBatchSize: 8, saveSteps: 20, evalStrategy: 'no' } as const;
  const trained = async () => {
    spec = { ...tiny, training: { ...training, maxSteps: STEPS } };
    uninterrupted = await stack.client.result(await stack.client.submit(spec));
    expect(uninterrupted.status).toBe('completed');
    // Of the steps alone: on a busy machine a trainer takes as long to start.
    return (await stepsOf(uninterrupted.runId)).reduce((sum, { stepMs }) => sum + stepMs, 0) / 1000;
  };
  const began = performance.now();
  await temper('runs', 'list');
  const wanted = (COMMANDS * (performance.now() - began)) / 1000;
  const seconds = await trained();
  if (seconds < wanted) {
    STEPS *= Math.ceil(wanted / seconds);
    await trained();
  }
});
afterAll(() => stack[Symbol.asyncDispose]());

const stageOf = (result: RunResult, name: string) => result.stages.find((s) => s.name === name)!;
const reaches = (runId: string, step: number) =>
  eventually(`step ${step}`, async () => (await stack.checkpointStep(runId)) >= step, 300_000);
const stepsOf = async (runId: string) => (await stack.client.metrics(runId)).filter(isStep);

/** The command line, as a second shell has it. */
async function temper<T>(...args: string[]): Promise<T & { code: number | null }> {
  const { code, stdout } = await startTemper(stack.folder, [...args, '--json'], stack.services.env).ended;
  const answer = JSON.parse(stdout) as T;
  return Array.isArray(answer) ? (answer as T & { code: number }) : { ...answer, code };
}

describe('pause and resume', () => {
  it('free the device for another run, and end with the model of an uninterrupted one', async () => {
    const runId = await stack.client.submit(spec, { fresh: true });
    await reaches(runId, 40);
    const paused = await temper<object>('runs', 'pause', runId, '--by', 'ann', '--note', 'urgent run');
    expect(paused).toMatchObject({ code: 0, runId, status: 'paused', by: 'ann' });
    expect(await trainersOf(runId)).toEqual([]);
    const reached = await stack.checkpointStep(runId);
    expect(reached).toBeLessThan(STEPS);

    const training = { ...spec.training, maxSteps: 20, seed: 1 };
    const other = await stack.client.result(await stack.client.submit({ ...spec, name: 'urgent', training }));
    expect(other).toMatchObject({ status: 'completed' });
    expect(stageOf(other, 'train').cached).toBe(false);
    expect(await stack.client.show(runId)).toMatchObject({
      status: 'paused',
      progress: { pause: { by: 'ann', note: 'urgent run' } },
    });
    expect(await stack.checkpointStep(runId)).toBe(reached);
    await expect
      .poll(() => stack.client.list({ status: 'paused' }))
      .toMatchObject([{ runId, status: 'paused' }]);

    expect(await temper('runs', 'pause', runId)).toMatchObject({
      code: 1,
      error: {
        code: 'CONTROL_REFUSED',
        message: expect.stringContaining('paused already, by ann') as string,
      },
    });
    expect(await temper('runs', 'resume', runId)).toMatchObject({ code: 0 });
    const result = await stack.client.result(runId);
    expect(result).toMatchObject({ status: 'completed', model: { digest: uninterrupted.model!.digest } });
    expect((await stepsOf(runId)).map(({ step }) => step)).toEqual(
      Array.from({ length: STEPS }, (_, i) => i + 1),
    );
    expect(await temper('runs', 'resume', runId)).toMatchObject({
      code: 1,
      error: { code: 'CONTROL_REFUSED', problems: [{ found: 'completed' }] },
    });
  });
});

describe('a change while it trains', () => {
  it('of the learning rate shows in the metrics from its step on, and in the model', async () => {
    const runId = await stack.client.submit(spec, { fresh: true });
    const refused = await temper('runs', 'change', runId, '--learning-rate', '-1');
    expect(refused).toMatchObject({ code: 2, error: { problems: [{ path: 'training.learningRate' }] } });
    await reaches(runId, 40);
    // Not from the command line: starting it takes as long as half of this training.
    await stack.client.change(runId, { by: 'ann', learningRate: 1e-4, note: 'too fast' });
    const result = await stack.client.result(runId);
    const [change] = result.changes!;
    expect(change).toMatchObject({ learningRate: 1e-4, by: 'ann', note: 'too fast' });
    const at = change!.step!;
    expect(at).toBeGreaterThanOrEqual(40);
    for (const { step, learningRate } of await stepsOf(runId)) {
      const peak = step > at ? 1e-4 : 1e-3;
      expect(learningRate).toBeCloseTo(peak * (1 - (step - 1) / STEPS), 12);
    }
    expect(result.model!.digest).not.toBe(uninterrupted.model!.digest);
    const { artifact } = await stack.client.registry.resolve(`tiny:${result.model!.version}`);
    const shown = await temper<object>('models', 'show', `tiny:${result.model!.version}`);
    expect(shown).toMatchObject({ artifact, meta: { lineage: { changes: [{ step: at, by: 'ann' }] } } });

    // Neither is its work found by the unchanged spec, nor the other way round.
    const again = await stack.client.result(await stack.client.submit(spec));
    expect(again.model!.digest).toBe(uninterrupted.model!.digest);
    await stack.client.retry(runId, { from: 'evaluate' });
    expect((await stack.client.result(runId)).model!.digest).toBe(result.model!.digest);
  });

  it('can stop it, as if the step were the last', async () => {
    const runId = await stack.client.submit(spec, { fresh: true });
    await reaches(runId, 40);
    await stack.client.change(runId, { by: 'ann', stop: true });
    const result = await stack.client.result(runId);
    expect(result).toMatchObject({ status: 'completed', changes: [{ stop: true }] });
    const last = result.changes![0]!.step!;
    expect(last).toBeLessThan(STEPS);
    expect((await stepsOf(runId)).at(-1)!.step).toBe(last);
    expect(await stack.checkpointStep(runId)).toBe(last);
  });
});

describe('approval', () => {
  const waiting = async () => {
    const runId = await stack.client.submit({ ...spec, publish: { approval: true } });
    const isWaiting = async () => (await stack.client.show(runId)).status === 'awaiting-approval';
    await eventually('the question', isWaiting, 300_000);
    return runId;
  };

  it('is given from another shell, and is kept with the model', async () => {
    const runId = await waiting();
    const before = (await stack.client.registry.versions('tiny')).length;
    await temper('runs', 'approve', runId, '--by', 'eve', '--comment', 'looks right');
    const result = await stack.client.result(runId);
    const approval = { decision: 'approved', by: 'eve', comment: 'looks right' };
    expect(result).toMatchObject({ status: 'completed', approval });
    expect(await stack.client.registry.versions('tiny')).toHaveLength(before + 1);
    const shown = await temper('models', 'show', `tiny:${result.model!.version}`);
    expect(shown).toMatchObject({ meta: { lineage: { approval } }, digest: uninterrupted.model!.digest });
  });

  it('is denied by another client', async () => {
    const runId = await waiting();
    const { env } = stack.services;
    await using second = await TemperClient.connect({ environment: { ...process.env, ...env } });
    await second.reject(runId, { by: 'eve', comment: 'no' });
    expect(await stack.client.result(runId)).toMatchObject({
      status: 'refused',
      error: { code: 'APPROVAL_REJECTED' },
      approval: { decision: 'rejected', by: 'eve', comment: 'no' },
    });
  });
});

describe('a run that has ended', () => {
  it('is done again from a stage on: what comes before is cached', async () => {
    const runId = await stack.client.submit(spec);
    const first = await stack.client.result(runId);
    const again = await temper<RunResult>('runs', 'retry', runId, '--from', 'evaluate');
    expect(again).toMatchObject({ code: 0, status: 'completed', model: first.model });
    expect(again.stages.map((s) => [s.name, s.cached])).toEqual([
      ['ingest', true],
      ['preprocess', true],
      ['train', true],
      ['evaluate', false],
      ['publish', false],
    ]);
    const unknown = await temper('runs', 'retry', runId, '--from', 'evalute');
    expect(unknown).toMatchObject({ code: 2, error: { problems: [{ hint: 'did you mean evaluate?' }] } });
  });

  it('is trained anew from its beginning, to the same model', async () => {
    const runId = await stack.client.submit(spec, { fresh: true });
    await stack.client.result(runId);
    await stack.client.retry(runId, { from: 'train' });
    const steps: number[] = [];
    await eventually(
      'a checkpoint of the new training',
      async () => {
        const entries = await stack.client.checkpoints(runId);
        return entries[0]?.training === 1 && steps.push(...entries.map(({ step }) => step));
      },
      300_000,
    );
    expect(steps[0]).toBe(20);
    const again = await stack.client.result(runId);
    expect(again.stages.map((s) => s.cached)).toEqual([true, true, false, false, false]);
    expect(again.model!.digest).toBe(uninterrupted.model!.digest);
    expect(await stepsOf(runId)).toHaveLength(STEPS);
  });

  it('is forked from a checkpoint with another learning rate, and says where from', async () => {
    const runId = uninterrupted.runId;
    const entries = await temper<CheckpointEntry[]>('runs', 'checkpoints', runId);
    expect(entries.map(({ step }) => step)).toEqual(
      Array.from({ length: STEPS / 20 }, (_, i) => 20 * (i + 1)),
    );
    const set = ['--set', 'training.learningRate=1e-4', '--set', 'publish.model=forked'];
    const forked = await temper<RunResult>('runs', 'fork', runId, '--step', '200', ...set);
    expect(forked).toMatchObject({ code: 0, status: 'completed', forkedFrom: { runId, step: 200 } });
    const [before, after] = [200, 201].map((step) => step - 1);
    const steps = await stepsOf(forked.runId);
    expect(steps).toHaveLength(STEPS);
    expect(steps[before!]!.learningRate).toBeCloseTo(1e-3 * (1 - 199 / STEPS), 12);
    expect(steps[after!]!.learningRate).toBeCloseTo(1e-4 * (1 - 200 / STEPS), 12);
    const shown = await temper('models', 'show', 'forked');
    expect(shown).toMatchObject({ meta: { lineage: { forkedFrom: { runId, step: 200 } } } });

    const refused = await temper(
      'runs',
      'fork',
      runId,
      '--step',
      '200',
      '--set',
      'training.trainBatchSize=4',
    );
    expect(refused).toMatchObject({
      code: 2,
      error: { problems: [{ path: 'training.trainBatchSize', found: '4', allowed: '8' }] },
    });
  });
});
