import { describe, expect, it } from 'vitest';
import { Interrupted } from '@temper/training';
import type { MetricLine } from '@temper/contracts';
import { tinyClassifier, tinyLanguageModel, tinyMaskedModel } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

// 14 examples by 2, accumulated by 3: 3 steps an epoch, the third of a single micro-batch; 12 steps.
const training = {
  epochs: 4,
  gradientAccumulationSteps: 3,
  saveSteps: 2,
  evalStrategy: 'steps',
  evalSteps: 3,
  seed: 7,
  warmupSteps: 2,
} as const;

const classifier = tinyClassifier({ ...training, metricForBestModel: 'loss' });

const withoutTimes = (lines: MetricLine[]) => lines.map(({ ...line }) => ({ ...line, stepMs: 0 }));

async function uninterrupted(settings: TinySettings) {
  await using run = await TinyRun.start(settings);
  const result = await run.train();
  return { result, digests: await run.digests(result.checkpoint), lines: await run.lines() };
}

describe.each([
  ['LoRA with dropout on a Llama', tinyLanguageModel(training)],
  ['full fine-tuning of a BERT', classifier],
  [
    'a BERT that learns other hidden tokens in each epoch',
    tinyMaskedModel({ ...training, mlmProbability: 0.3 }),
  ],
  ['full fine-tuning of a BERT with its own dropout', { ...classifier, dropout: 0.2 }],
])('exact resume: %s', (_, settings) => {
  it('ends with the same weights, optimizer and metrics wherever it was killed', async () => {
    const whole = await uninterrupted(settings);
    expect(whole.result).toMatchObject({ steps: 12, totalSteps: 12, stoppedEarly: false });
    await using run = await TinyRun.start(settings);
    // Sudden deaths before the first checkpoint, within steps, in evaluations, twice at the same place.
    for (const runs of [1, 4, 8, 8, 6, 6]) {
      await expect(run.train({ runs })).rejects.toThrow('killed');
    }
    const result = await run.train();
    expect(await run.digests(result.checkpoint)).toEqual(whole.digests);
    expect(result.checkpoint).toEqual(whole.result.checkpoint);
    expect(withoutTimes(await run.lines())).toEqual(withoutTimes(whole.lines));
    expect(result.validation).toEqual(whole.result.validation);
  });

  it('writes a checkpoint when it is asked to stop, and goes on exactly from there', async () => {
    const whole = await uninterrupted(settings);
    await using run = await TinyRun.start(settings);
    const asked: number[] = [];
    for (;;) {
      let boundaries = 0;
      const stopped = await run
        .train({ interrupted: () => ++boundaries > 6 })
        .catch((error: unknown) => error);
      if (!(stopped instanceof Interrupted)) {
        const result = stopped as Awaited<ReturnType<TinyRun['train']>>;
        expect(result.checkpoint).toEqual(whole.result.checkpoint);
        break;
      }
      asked.push(stopped.step);
    }
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('goes from rung to rung as if it had never stopped', async () => {
    const whole = await uninterrupted(settings);
    await using run = await TinyRun.start(settings);
    // Between evaluations (1), at one (3 = the first epoch), where a checkpoint is due (4), and killed on the way (7).
    const stops = [{ steps: 1 }, { epochs: 1 }, { steps: 4 }, { steps: 7 }] as const;
    const reached: number[] = [];
    for (const stopAt of stops) {
      if ('steps' in stopAt && stopAt.steps === 7) {
        await expect(run.train({ runs: 7, stopAt })).rejects.toThrow('killed');
      }
      const rung = await run.train({ stopAt });
      expect(rung).toMatchObject({ totalSteps: 12, finished: false, stoppedEarly: false });
      expect(rung.validation).toMatchObject({ loss: expect.any(Number) as number });
      reached.push(rung.steps);
    }
    expect(reached).toEqual([1, 3, 4, 7]);
    const result = await run.train({ stopAt: { steps: 1000 } });
    expect(result).toMatchObject({ steps: 12, finished: true });
    expect(result.checkpoint).toEqual(whole.result.checkpoint);
    // What was measured at a rung beside the training left no trace in it.
    expect(withoutTimes(await run.lines())).toEqual(withoutTimes(whole.lines));
    expect(result.validation).toEqual(whole.result.validation);
  });
});
