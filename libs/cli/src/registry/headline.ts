import { headlineMetrics } from '@temper/contracts';

/** The few numbers of a version that say how good it is, of the test split where it is told apart. */
export function headline(metrics: Readonly<Record<string, unknown>>): [string, number][] {
  const test = metrics.test;
  const numbers = typeof test === 'object' && test !== null ? (test as Record<string, unknown>) : metrics;
  return headlineMetrics
    .flatMap((key): [string, number][] => (typeof numbers[key] === 'number' ? [[key, numbers[key]]] : []))
    .slice(0, 3);
}
