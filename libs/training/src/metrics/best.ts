import { greaterIsBetter, metricNames, TemperError, type Metrics, type Task } from '@temper/contracts';

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
