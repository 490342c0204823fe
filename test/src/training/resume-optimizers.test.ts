import type { MetricLine } from '@temper/contracts';
import { isStep } from '@temper/contracts';
import { optimizerNames } from '@temper/optimizers';
import { describe, expect, it } from 'vitest';
import { tinyClassifier, tinyLanguageModel } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

// 14 examples by 2, of which two make a step: 4 steps an epoch, 8 steps; a checkpoint after every second one.
const training = {
  epochs: 2,
  gradientAccumulationSteps: 2,
  saveSteps: 2,
  evalStrategy: 'steps',
  evalSteps: 3,
  seed: 7,
  warmupSteps: 2,
  metricForBestModel: 'loss',
} as const;

/** Matrices of 128 · 32 elements: as many as 8-bit state begins with. */
const withLargeAdapter = (settings: TinySettings['training']): TinySettings => ({
  ...tinyLanguageModel(settings),
  method: { type: 'lora', r: 128, dropout: 0.1 },
});

const plateau = {
  ...training,
  evalSteps: 1,
  // Everything but a much smaller loss is a plateau.
  scheduler: 'reduce_lr_on_plateau',
  schedulerSettings: { factor: 0.5, patience: 1, threshold: 0.2 },
} as const;

const withoutTimes = (lines: MetricLine[]) => lines.map((line) => ({ ...line, stepMs: 0 }));

/** Weights, optimizer, metrics of a run that dies after so many runs of graphs, again and again, until it is through. */
async function trained(settings: TinySettings, deaths: readonly number[] = []) {
  await using run = await TinyRun.start(settings);
  for (const runs of deaths) await expect(run.train({ runs })).rejects.toThrow('killed');
  const result = await run.train();
  const digests = await run.digests(result.checkpoint);
  return { digests, lines: withoutTimes(await run.lines()), steps: result.steps };
}

describe('exact resume', () => {
  it.each([
    ...optimizerNames.map((name) => [name, withLargeAdapter({ ...training, optimizer: name })] as const),
    ['muon on every kernel', tinyClassifier({ ...training, optimizer: 'muon' })] as const,
    ['a learning rate that follows evaluations', tinyClassifier(plateau)] as const,
  ])('with %s: the same weights, optimizer state and metrics wherever it was killed', async (_, settings) => {
    const whole = await trained(settings);
    expect(whole.steps).toBe(8);
    // Within the first step's gradients, within optimizers that run once a parameter, in evaluations, twice at one place.
    expect(await trained(settings, [1, 3, 3, 6, 5])).toEqual(whole);
  });

  it('is of different trainings', async () => {
    const digests = await Promise.all(
      optimizerNames.map(async (optimizer) => {
        const { digests } = await trained(withLargeAdapter({ ...training, weightDecay: 0, optimizer }));
        return digests['trainable.safetensors'];
      }),
    );
    expect(new Set(digests).size).toBe(optimizerNames.length);
  });

  it('keeps reductions of the learning rate', async () => {
    const { lines } = await trained(tinyClassifier(plateau), [9, 9]);
    const rates = lines.filter(isStep).map(({ learningRate }) => learningRate);
    expect(rates.slice(0, 3)).toEqual([0, 5e-4, 1e-3]);
    expect(new Set(rates.slice(2)).size).toBeGreaterThan(2);
  });
});
