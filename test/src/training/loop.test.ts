import { isStep } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { tinyClassifier, tinyLanguageModel } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

async function linesOf(settings: TinySettings) {
  await using run = await TinyRun.start(settings);
  const result = await run.train();
  const lines = await run.lines();
  const steps = lines.filter(isStep);
  const evaluations = lines.filter((line) => !isStep(line));
  return { result, steps, evaluations };
}

describe('the training loop', () => {
  it('gives the losses of one large batch when it is accumulated from small ones of unequal lengths', async () => {
    const common = { epochs: 2, shuffle: false, evalStrategy: 'no' } as const;
    const lora = { type: 'lora', r: 4 } as const;
    const whole = await linesOf({ ...tinyLanguageModel({ ...common, trainBatchSize: 6 }), method: lora });
    const parts = await linesOf({
      ...tinyLanguageModel({ ...common, trainBatchSize: 2, gradientAccumulationSteps: 3 }),
      method: lora,
    });
    // 14 examples: two steps of 6 and one of 2.
    expect(whole.steps).toHaveLength(6);
    expect(parts.steps).toHaveLength(6);
    whole.steps.forEach((step, i) => {
      expect(Math.abs(parts.steps[i]!.loss - step.loss)).toBeLessThan(1e-5 * step.loss);
      expect(Math.abs(parts.steps[i]!.gradNorm - step.gradNorm)).toBeLessThan(1e-4 * step.gradNorm);
      expect(parts.steps[i]!.tokens).toBe(step.tokens);
    });
  });

  it('evaluates after each epoch, and answers the best checkpoint with its metrics', async () => {
    // A rate that overshoots: the best evaluation is not the last.
    const settings = tinyClassifier({ epochs: 4, learningRate: 0.05, metricForBestModel: 'loss' });
    await using run = await TinyRun.start(settings);
    const result = await run.train();
    const lines = await run.lines();
    const evaluations = lines.filter((line) => !isStep(line));
    expect(evaluations.map((line) => line.step)).toEqual([7, 14, 21, 28]);
    const best = evaluations.reduce((a, b) => (b.loss < a.loss ? b : a));
    const { meta } = await run.artifacts.manifest(result.checkpoint);
    expect(meta.step).toBe(best.step);
    expect(meta.evaluation!.loss).toBe(best.loss);
    expect(result.validation!.loss).toBe(best.loss);
    const { base, test } = await run.evaluate(result.checkpoint);
    expect(test.loss).not.toBe(base.loss);
    expect(base.examples).toBe(20);
  });

  it('stops after evaluations without improvement', async () => {
    const { result, evaluations } = await linesOf(
      tinyClassifier({
        epochs: 20,
        learningRate: 0.05,
        metricForBestModel: 'loss',
        earlyStoppingPatience: 2,
      }),
    );
    const best = evaluations.reduce((a, b) => (b.loss < a.loss ? b : a));
    expect(result.stoppedEarly).toBe(true);
    expect(evaluations.at(-1)!.step - best.step).toBe(2 * 7);
    expect(result.steps).toBe(evaluations.at(-1)!.step);
  });

  it('reports a diverged loss with the step, the rate and the losses before', async () => {
    const training = { epochs: 20, learningRate: 1e30, maxGradNorm: null, evalStrategy: 'no' } as const;
    await expect(linesOf(tinyClassifier(training))).rejects.toMatchObject({
      code: 'LOSS_DIVERGED',
      problems: [
        {
          path: expect.stringMatching(/^training step [23]$/) as string,
          message: expect.stringMatching(/at learning rate \d/) as string,
          found: expect.stringContaining('losses before') as string,
          hint: expect.stringContaining('learningRate') as string,
        },
      ],
    });
  });

  it('refuses an unknown metric before it builds anything', async () => {
    await expect(linesOf(tinyLanguageModel({ metricForBestModel: 'f1' }))).rejects.toMatchObject({
      code: 'SPEC_INVALID',
      problems: [{ path: 'training.metricForBestModel', found: 'f1' }],
    });
  });
});
