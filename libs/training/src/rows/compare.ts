import type { Comparison, Metrics } from '@temper/contracts';
import { bootstrap, wilson, type Interval, type Statistic } from './intervals.js';
import type { RowResults } from './row-results.js';
import { classificationOf, lossOf, type Measure } from './statistics.js';

export interface Judged {
  /** 95% intervals of the fine-tuned model's metrics, by name. */
  readonly interval95: Readonly<Record<string, Interval>>;
  /** Against the base model on the same rows; undefined where one row cannot be drawn differently. */
  readonly comparison?: Comparison | undefined;
}

/** How far the metrics of the test split can be trusted, from what both models make of each of its rows. */
export function judgeRows(
  base: RowResults,
  test: RowResults,
  { classes, metric }: { readonly classes: number; readonly metric: string },
): Judged {
  const measureOf = (results: RowResults) =>
    results.predicted ? classificationOf(results, classes) : lossOf(results);
  const pair = [measureOf(base), measureOf(test)] as const;
  const { metrics } = pair[1];
  const rows = test.rows;
  if (rows < 2) return { interval95: accuracyOf(test) };
  const at = metrics.includes(metric) ? metrics.indexOf(metric) : 0;
  const [difference, ...intervals] = bootstrap(rows, paired(...pair, at));
  const [before, after] = pair.map((measure) => wholeOf(measure, rows)[at]!) as [number, number];
  return {
    interval95: {
      ...Object.fromEntries(metrics.map((name, k) => [name, intervals[k]!])),
      ...accuracyOf(test),
    },
    comparison: { metric: metrics[at]!, rows, base: before, test: after, interval: difference! },
  };
}

/**
 * A share of rows has an interval of its own, which is right for few rows too. Where a model makes no mistake, or nothing
 * else, every resample is the same: then it is that of the macro averages as well.
 */
function accuracyOf({ predicted, split, rows }: RowResults): Record<string, Interval> {
  if (!predicted) return {};
  const hits = predicted.reduce((sum, said, row) => sum + (said === split.labels[row] ? 1 : 0), 0);
  const interval = wilson(hits, rows);
  const shares =
    hits === 0 || hits === rows
      ? ['accuracy', 'f1Micro', 'precision', 'recall', 'f1']
      : ['accuracy', 'f1Micro'];
  return Object.fromEntries(shares.map((name) => [name, interval]));
}

/** The difference of one metric, and all metrics of the second model, on the same draws. */
const paired = (base: Measure, test: Measure, metric: number): Statistic => ({
  reset() {
    base.reset();
    test.reset();
  },
  add(row) {
    base.add(row);
    test.add(row);
  },
  values() {
    const after = test.values();
    return [after[metric]! - base.values()[metric]!, ...after];
  },
});

function wholeOf(measure: Measure, rows: number): readonly number[] {
  measure.reset();
  for (let row = 0; row < rows; row++) measure.add(row);
  return measure.values();
}

export const withIntervals = (metrics: Metrics, { interval95 }: Judged): Metrics => ({
  ...metrics,
  interval95,
});
