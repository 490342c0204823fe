import { describe, expect, it } from 'vitest';
import { greaterIsBetter } from '@temper/contracts';
import { checkMetricName, improves } from './best.js';

describe('the metric for the best model', () => {
  it('is better when greater, except for losses and perplexity', () => {
    expect(['f1', 'accuracy', 'tokenAccuracy'].map(greaterIsBetter)).toEqual([true, true, true]);
    expect(['loss', 'perplexity'].map(greaterIsBetter)).toEqual([false, false]);
    expect(improves('loss', 1, 2)).toBe(true);
    expect(improves('f1', 0.5, 0.5)).toBe(false);
  });

  it('must be one that the task has', () => {
    expect(() => checkMetricName('f1', { task: 'causal-lm' })).toThrow(/metricForBestModel.*found f1.*loss/);
    expect(() => checkMetricName('loss', { task: 'sequence-classification' })).not.toThrow();
  });
});
