import type { Metrics } from './run.js';

/** Metric -> what it must at least, and may at most, be. */
export type Bounds = Readonly<
  Record<string, { readonly min?: number | undefined; readonly max?: number | undefined }>
>;

export interface OutOfBounds {
  readonly metric: string;
  /** NaN for a metric that was not computed. */
  readonly value: number;
  /** What is wanted, in words. */
  readonly rule: string;
}

/** Metrics outside their bounds. One that was not computed, or is NaN, does not pass. */
export function outOfBounds(bounds: Bounds, metrics: Metrics): OutOfBounds[] {
  return Object.entries(bounds).flatMap(([metric, bound]) => {
    const { min = -Infinity, max = Infinity } = bound;
    const value = metrics[metric];
    if (typeof value === 'number' && value >= min && value <= max) return [];
    const known = Object.keys(metrics).filter((name) => typeof metrics[name] === 'number');
    const rule = typeof value === 'number' ? boundWords(bound) : `one of the metrics ${known.join(', ')}`;
    return [{ metric, value: typeof value === 'number' ? value : NaN, rule }];
  });
}

/** `at least 0.8 and at most 1`: for people. */
export const boundWords = ({ min = -Infinity, max = Infinity }: Bounds[string]): string =>
  [...(min > -Infinity ? [`at least ${min}`] : []), ...(max < Infinity ? [`at most ${max}`] : [])].join(
    ' and ',
  );
