import type { Comparison, Metrics } from '@temper/contracts';
import { bootstrap, wilson, type Interval, type Statistic } from './intervals.js';
import type { RowResults } from './row-results.js';
import type { Measure, TaskDefinition } from '@temper/tasks';

export interface Judged {
  /** 95% intervals of the fine-tuned model's metrics, by name. */
  readonly interval95: Readonly<Record<string, Interval>>;
  /** Against the base model on the same rows; undefined where one row cannot be drawn differently. */
  readonly comparison?: Comparison | undefined;
}

interface Compared {
  readonly task: TaskDefinition;
  readonly labelNames: readonly string[];
  readonly metric: string;
}

/** How far the metrics of the test split can be trusted, from what both models make of each of its rows. */
export function judgeRows(
  base: RowResults,
  test: RowResults,
  { task, labelNames, metric }: Compared,
): Judged {
  const pair = [task.measure(base, labelNames), task.measure(test, labelNames)] as const;
  const { metrics } = pair[1];
  const rows = test.rows;
  const shares = sharesOf(pair[1], rows);
  if (rows < 2) return { interval95: shares };
  const at = metrics.includes(metric) ? metrics.indexOf(metric) : 0;
  const [difference, ...intervals] = bootstrap(rows, paired(...pair, at));
  const [before, after] = pair.map((measure) => wholeOf(measure, rows)[at]!) as [number, number];
  return {
    interval95: {
      ...Object.fromEntries(metrics.map((name, k) => [name, intervals[k]!])),
      ...shares,
    },
    comparison: { metric: metrics[at]!, rows, base: before, test: after, interval: difference! },
  };
}

/** 95% intervals of one model's metrics; of a single row, those of shares alone. */
export function intervalsOf(measure: Measure, rows: number): Judged['interval95'] {
  const drawn = rows < 2 ? [] : bootstrap(rows, measure);
  const named = drawn.map((interval, k) => [measure.metrics[k]!, interval] as const);
  return { ...Object.fromEntries(named), ...sharesOf(measure, rows) };
}

/**
 * A share of rows has an interval of its own, which is right for few rows too. Where a model makes no mistake, or nothing
 * else, every resample is the same: then it is that of the macro averages as well.
 */
function sharesOf({ shares }: Measure, rows: number): Record<string, Interval> {
  if (!shares) return {};
  let hits = 0;
  for (let row = 0; row < rows; row++) if (shares.hit(row)) hits++;
  const interval = wilson(hits, rows);
  const names = hits === 0 || hits === rows ? [...shares.names, ...shares.namesOfAll] : shares.names;
  return Object.fromEntries(names.map((name) => [name, interval]));
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

/** The values of a measure on all rows, each once. */
export function wholeOf(measure: Measure, rows: number): readonly number[] {
  measure.reset();
  for (let row = 0; row < rows; row++) measure.add(row);
  return measure.values();
}

export const withIntervals = (metrics: Metrics, interval95: Judged['interval95']): Metrics => ({
  ...metrics,
  interval95,
});
