import { isStep, type TrainingChange } from '@temper/contracts';
import { Interrupted } from '@temper/training';
import { describe, expect, it } from 'vitest';
import { tinyClassifier } from './tiny-data.js';
import { TinyRun } from './tiny-run.js';

// 14 examples by 2: 7 steps an epoch, 28 in all.
const settings = tinyClassifier({
  epochs: 4,
  saveSteps: 4,
  loadBestModelAtEnd: false,
  metricForBestModel: 'loss',
});
const change = (id: string, what: Partial<TrainingChange>): TrainingChange => ({
  ...{ id, by: 'ann', at: '2026-01-01T00:00:00.000Z' },
  ...what,
});

/** Asks to stop at the boundary after so many steps, as a pause or a change does. */
async function trainUntil(run: TinyRun, step: number, more: Parameters<TinyRun['train']>[1] = {}) {
  let boundaries = 0;
  const stopped = await run
    .train({ interrupted: () => boundaries++ >= step }, more)
    .catch((error: unknown) => error);
  expect(stopped).toBeInstanceOf(Interrupted);
  return (stopped as Interrupted).step;
}

describe('a change of settings while training', () => {
  it('holds from the step at which it is first seen, however often the trainer then dies', async () => {
    const changes = [change('a', { learningRate: 1e-4 })];
    const train = async (deaths: readonly number[]) => {
      await using run = await TinyRun.start(settings);
      expect(await trainUntil(run, 5)).toBe(5);
      for (const runs of deaths) await expect(run.train({ runs }, { changes })).rejects.toThrow('killed');
      const result = await run.train({}, { changes });
      return { result, lines: await run.lines(), digests: await run.digests(result.checkpoint) };
    };
    const whole = await train([]);
    const steps = whole.lines.filter(isStep);
    expect(steps[4]!.learningRate).toBeCloseTo(1e-3 * (24 / 28), 10);
    expect(steps[5]!.learningRate).toBeCloseTo(1e-4 * (23 / 28), 10);
    expect(steps).toHaveLength(28);
    expect(whole.result.changes).toEqual([{ ...changes[0], step: 5 }]);
    const killed = await train([2, 3, 20]);
    expect(killed.digests['trainable.safetensors']).toBe(whole.digests['trainable.safetensors']);
    expect(killed.result.changes).toEqual(whole.result.changes);
  });

  it('sets another cadence of evaluation', async () => {
    await using run = await TinyRun.start(settings);
    await trainUntil(run, 5);
    await run.train({}, { changes: [change('a', { evalStrategy: 'steps', evalSteps: 4 })] });
    const evaluated = (await run.lines()).filter((line) => !isStep(line)).map(({ step }) => step);
    expect(evaluated).toEqual([8, 12, 16, 20, 24, 28]);
  });

  it('stops as if the step were the last: evaluated and saved, and a retry does not go on', async () => {
    await using run = await TinyRun.start(settings);
    await expect(run.train({ runs: 25 })).rejects.toThrow('killed');
    const result = await run.train({}, { changes: [change('a', { stop: true })] });
    expect(result).toMatchObject({ stoppedEarly: true, totalSteps: 28 });
    const lines = await run.lines();
    // What the killed trainer had logged after its last checkpoint is gone.
    expect(lines.at(-1)).toMatchObject({ step: result.steps, split: 'validation' });
    expect(await run.train()).toMatchObject({ steps: result.steps, checkpoint: result.checkpoint });
  });
});

describe('the checkpoints of a run', () => {
  it('are listed with their step, loss and evaluation', async () => {
    await using run = await TinyRun.start(settings);
    const { checkpoint } = await run.train();
    const entries = await run.runs.checkpoints('tiny');
    expect(entries.map(({ step }) => step)).toEqual(expect.arrayContaining([4, 8, 12, 16, 20, 24, 28]));
    expect(entries.map((entry) => entry.checkpoint.digest)).toContain(checkpoint.digest);
    expect(entries.at(-1)).toMatchObject({
      loss: expect.any(Number),
      evaluation: { loss: expect.any(Number) },
    });
  });

  it('are where a fork begins: with equal settings it ends as the run did', async () => {
    await using run = await TinyRun.start(settings);
    const whole = await run.train();
    const { step, checkpoint } = (await run.runs.checkpoints('tiny')).find((entry) => entry.step === 12)!;
    const fork = { runId: 'tiny', step, checkpoint };
    await expect(run.train({ runs: 3 }, { runId: 'fork', fork })).rejects.toThrow('killed');
    const forked = await run.train({}, { runId: 'fork', fork });
    const weights = async (of: typeof whole) => (await run.digests(of.checkpoint))['trainable.safetensors'];
    expect(await weights(forked)).toBe(await weights(whole));
    expect((await run.lines('fork')).map((line) => line.step)).toEqual(
      (await run.lines()).map((line) => line.step),
    );
    const training = { ...run.spec.training, learningRate: 1e-2 };
    const other = await run.train({}, { runId: 'other', fork, spec: { ...run.spec, training } });
    expect(await weights(other)).not.toBe(await weights(whole));
    const steps = (await run.lines('other')).filter(isStep);
    expect(steps[11]!.learningRate).toBeCloseTo(1e-3 * (17 / 28), 10);
    expect(steps[12]!.learningRate).toBeCloseTo(1e-2 * (16 / 28), 10);
  });

  it('are left alone by a training that starts anew, which an older one cannot take over', async () => {
    await using run = await TinyRun.start(settings);
    const first = await run.train();
    await expect(run.train({ runs: 2 }, { training: 1 })).rejects.toThrow('killed');
    expect((await run.lines()).length).toBeLessThan(5);
    await expect(run.train()).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    const again = await run.train({}, { training: 1 });
    const digests = await run.digests(again.checkpoint);
    expect(digests['trainable.safetensors']).toBe(
      (await run.digests(first.checkpoint))['trainable.safetensors'],
    );
  });

  it('do not serve a training on other data', async () => {
    await using run = await TinyRun.start(settings);
    await trainUntil(run, 5);
    const tokens = { ...run.tokens, digest: run.baseModel.digest };
    await expect(run.train({}, { tokens })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      problems: [{ path: 'dataset', hint: expect.stringContaining('--from train') as string }],
    });
  });
});
