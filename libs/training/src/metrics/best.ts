import { TemperError, type Metrics, type Task } from '@temper/contracts';

const metricNames: Readonly<Record<Task, readonly string[]>> = {
  'sequence-classification': ['f1', 'accuracy', 'precision', 'recall', 'f1Micro', 'loss'],
  'causal-lm': ['loss', 'perplexity', 'tokenAccuracy'],
};

/** As in transformers, losses are better when smaller; so is perplexity, which is exp(loss). */
export const greaterIsBetter = (metric: string): boolean => !/loss$/i.test(metric) && metric !== 'perplexity';

export const improves = (metric: string, value: number, best: number): boolean =>
  greaterIsBetter(metric) ? value > best : value < best;

export function checkMetricName(metric: string, task: Task): void {
  const allowed = metricNames[task];
  if (allowed.includes(metric)) return;
  throw new TemperError('SPEC_INVALID', {
    path: 'training.metricForBestModel',
    message: `no such metric for ${task}`,
    found: metric,
    allowed: allowed.join(', '),
  });
}

export const metricValue = (metrics: Metrics, name: string): number => Number(metrics[name]);
