import type { Task } from './task.js';

/** What an evaluation measures that a model can be chosen by. */
export const metricNames: Readonly<Record<Task, readonly string[]>> = {
  'sequence-classification': ['f1', 'accuracy', 'precision', 'recall', 'f1Micro', 'loss'],
  'causal-lm': ['loss', 'perplexity', 'tokenAccuracy'],
};

/** Counts that a gate can bound besides: a test split that is too small is no measurement. */
export const countNames: Readonly<Record<Task, readonly string[]>> = {
  'sequence-classification': ['examples'],
  'causal-lm': ['examples', 'countedTokens'],
};

/** As in transformers, losses are better when smaller; so is perplexity, which is exp(loss). */
export const greaterIsBetter = (metric: string): boolean => !/loss$/i.test(metric) && metric !== 'perplexity';

/** The smallest and the largest value that a metric can have: shares, mean cross-entropies (≥ 0), their exponentials, counts. */
export function rangeOf(metric: string): readonly [min: number, max: number] {
  if (metric === 'loss' || metric === 'examples' || metric === 'countedTokens') return [0, Infinity];
  return metric === 'perplexity' ? [1, Infinity] : [0, 1];
}
