import { TemperError, type ForkOrigin } from '@temper/contracts';
import { parsePipelineSpec } from '@temper/spec';
import { describe, expect, it } from 'vitest';
import { chooseCheckpoint, forkSpec, specAt } from './fork.js';

const spec = parsePipelineSpec({ name: 'a', model: { base: '/m' }, dataset: { train: '/a.csv' } });
const checkpoint = (step: number) => ({
  ...{ step, training: 0 },
  checkpoint: { kind: 'checkpoint', digest: `sha256:${step}`, uri: '' } as const,
});
const origin: ForkOrigin = { runId: 'a-1', step: 20, checkpoint: checkpoint(20).checkpoint };

function problemsOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (error instanceof TemperError) return error.problems;
    throw error;
  }
  throw new Error('accepted');
}

describe('the settings of a fork', () => {
  it('may be others for the rate, the length, the evaluation and the publication', () => {
    const training = { ...spec.training, learningRate: 1e-5, epochs: 9, evalStrategy: 'no', weightDecay: 0 };
    const wanted = { ...spec, name: 'b', training, publish: { model: 'c' } };
    expect(forkSpec(spec, wanted, origin)).toMatchObject({ name: 'b', training: { epochs: 9 } });
  });

  it('are refused, all at once, where the checkpoint is bound to them', () => {
    const wanted = {
      ...spec,
      model: { base: '/other' },
      method: { type: 'lora', r: 4 },
      dataset: { ...spec.dataset, split: { ...spec.dataset.split, seed: 1 } },
      training: { ...spec.training, trainBatchSize: 4, maxSteps: 20 },
    };
    expect(problemsOf(() => forkSpec(spec, wanted, origin))).toMatchObject([
      { path: 'model.base', found: '"/other"', allowed: '"/m"' },
      { path: 'dataset.split.seed' },
      { path: 'method.r', found: '4', allowed: '8' },
      { path: 'training.trainBatchSize', found: '4', allowed: '16' },
      { path: 'training.maxSteps', found: '20', allowed: 'more than 20' },
    ]);
    expect(
      problemsOf(() => forkSpec(spec, { ...spec, method: { type: 'full' } }, origin)).length,
    ).toBeGreaterThan(0);
  });

  it('begin with what had been changed in the run', () => {
    expect(specAt(spec, [{ learningRate: 1 }, { learningRate: 2, stop: true }]).training.learningRate).toBe(
      2,
    );
  });
});

it('a checkpoint is chosen by its step, else the newest', () => {
  const entries = [checkpoint(10), checkpoint(20)];
  expect(chooseCheckpoint('a', entries, undefined).step).toBe(20);
  expect(chooseCheckpoint('a', entries, 10).step).toBe(10);
  expect(problemsOf(() => chooseCheckpoint('a', entries, 15))).toMatchObject([{ allowed: '10, 20' }]);
  expect(problemsOf(() => chooseCheckpoint('a', [], undefined))).toMatchObject([
    { message: 'the run has no checkpoint' },
  ]);
});
