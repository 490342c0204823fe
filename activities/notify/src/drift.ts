import {
  greaterIsBetter,
  type Drift,
  type DriftInput,
  type Metrics,
  type ModelVersion,
} from '@temper/contracts';

/** Both were measured when they were made, each on its own test split: what counts is the same metric, not the same rows. */
export function driftFrom(
  { metric, test, tolerance }: Omit<DriftInput, 'runId' | 'model'>,
  { version, metrics }: Pick<ModelVersion, 'version' | 'metrics'>,
): Drift | undefined {
  const value = test[metric];
  const before = (metrics.test as Metrics | undefined)?.[metric];
  // A model that is trained for another task, or before the metric was known, cannot be compared.
  if (typeof value !== 'number' || typeof before !== 'number') return undefined;
  const worse = greaterIsBetter(metric) ? before - value : value - before;
  return worse > tolerance ? { metric, value, production: { version, value: before }, worse } : undefined;
}
