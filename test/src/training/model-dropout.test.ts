import { isStep } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { tinyClassifier, tinyLanguageModel } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

async function trained(settings: TinySettings) {
  await using run = await TinyRun.start(settings);
  const { checkpoint } = await run.train();
  const { base } = await run.evaluate(checkpoint);
  const lines = (await run.lines()).filter(isStep);
  return { losses: lines.map(({ loss }) => loss), base };
}

describe.each([
  ['BERT, all weights', tinyClassifier({ maxSteps: 3 })],
  ['Llama, LoRA', tinyLanguageModel({ maxSteps: 3 })],
])('the dropout of a base model: %s', (_, settings) => {
  it('is a part of training, by the seed, and none of evaluation', async () => {
    const still = await trained(settings);
    const dropped = await trained({ ...settings, dropout: 0.3 });
    for (const [step, loss] of dropped.losses.entries()) {
      expect(loss).toBeGreaterThan(0);
      expect(Math.abs(loss - still.losses[step]!)).toBeGreaterThan(1e-4);
    }
    expect(dropped.base).toEqual(still.base);
    expect(await trained({ ...settings, dropout: 0.3 })).toEqual(dropped);
    const training = { ...settings.training, seed: 1 };
    expect((await trained({ ...settings, training, dropout: 0.3 })).losses).not.toEqual(dropped.losses);
  });
});
