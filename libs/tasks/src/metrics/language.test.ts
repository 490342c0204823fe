import { describe, expect, it } from 'vitest';
import { LanguageMetrics } from './language.js';

const batch = (counted: number, correct: number, lossSum: number) => ({
  labels: new Int32Array(counted),
  counted,
  lossSum,
  outputs: { correct: [correct] },
});

describe('metrics of language models', () => {
  it('weigh tokens, not batches', () => {
    const metrics = new LanguageMetrics();
    metrics.add(batch(3, 1, 6));
    metrics.add(batch(1, 1, 0));
    expect(metrics.result()).toEqual({
      loss: 1.5,
      perplexity: Math.exp(1.5),
      tokenAccuracy: 0.5,
      countedTokens: 4,
    });
  });
});
