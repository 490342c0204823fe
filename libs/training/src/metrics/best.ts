import { greaterIsBetter, TemperError, type Metrics } from '@temper/contracts';
import { definitionOf, type TaskChoice } from '@temper/tasks';

/** A value that is none (a rank of rows of one class) never improves, and gives way to any that is one. */
export const improves = (metric: string, value: number, best: number): boolean =>
  Number.isFinite(best) ? (greaterIsBetter(metric) ? value > best : value < best) : Number.isFinite(value);

export function checkMetricName(metric: string, choice: TaskChoice): void {
  const allowed: readonly string[] = definitionOf(choice).metrics;
  if (allowed.includes(metric)) return;
  throw new TemperError('SPEC_INVALID', {
    path: 'training.metricForBestModel',
    message: `no such metric for ${choice.task}`,
    found: metric,
    allowed: allowed.join(', '),
  });
}

export const metricValue = (metrics: Metrics, name: string): number => Number(metrics[name]);
