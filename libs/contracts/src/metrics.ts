import type { Task } from './pipeline-spec.js';

/** What an evaluation measures that a model can be chosen by. */
export const metricNames: Readonly<Record<Task, readonly string[]>> = {
  'sequence-classification': ['f1', 'accuracy', 'precision', 'recall', 'f1Micro', 'loss'],
  'causal-lm': ['loss', 'perplexity', 'tokenAccuracy'],
};

/** As in transformers, losses are better when smaller; so is perplexity, which is exp(loss). */
export const greaterIsBetter = (metric: string): boolean => !/loss$/i.test(metric) && metric !== 'perplexity';
