import { definitionOf } from '@temper/tasks';
import { intervalIn, leakedRows, numberIn, shown, type Evidence, type Rule } from './evidence.js';
import { thresholds } from './thresholds.js';

const limit = thresholds.tooLittle;

/** The test split is too small for its metrics to say anything. */
export const tooLittleData: Rule = (evidence) => {
  const { test, examples } = evidence;
  const rows = examples.test ?? 0;
  if (!test) return undefined;
  const { metric, widest } = definitionOf(evidence.spec).verdict.precision;
  const value = numberIn(test, metric);
  const interval = intervalIn(test, metric);
  const width = interval ? interval[1] - interval[0] : 0;
  const unseen = rows - leakedRows(evidence);
  if (rows >= limit.rows && unseen < limit.rows) {
    return {
      evidence: `of ${rows} test rows ${rows - unseen} are in train too, which leaves ${Math.max(0, unseen)} to judge by`,
      change: evidence.spec.dataset.test
        ? 'dataset.test: rows that train does not have'
        : 'dataset.clean.dedupe: near',
    };
  }
  if (rows >= limit.rows && !(width > widest)) return undefined;
  const between = interval ? ` lies between ${shown(interval[0])} and ${shown(interval[1])} (95%)` : '';
  return {
    evidence: `${metric} ${value === undefined ? '–' : shown(value)}, measured on ${rows} test ${rows === 1 ? 'row' : 'rows'},${between || ' has no interval'}`,
    change: moreRows(evidence, rowsWanted(rows, width, widest)),
  };
};

/** Widths fall with the root of the rows. */
const rowsWanted = (rows: number, width: number, widest: number): number => {
  const wanted = Math.max(limit.rows, Math.ceil(rows * (width / widest) ** 2));
  return wanted <= 100 ? Math.ceil(wanted / 10) * 10 : Math.ceil(wanted / 50) * 50;
};

/** The largest share of the rows that is given to the test split before it is said that there are too few. */
const LARGEST_SHARE = 0.3;

function moreRows({ spec: { dataset }, examples }: Evidence, wanted: number): string {
  if (dataset.test) return `dataset.test: at least ${wanted} rows`;
  const all = Object.values(examples).reduce((sum, count) => sum + count, 0);
  const share = Math.ceil((20 * wanted) / all) / 20;
  const { validation } = dataset.split;
  if (share > LARGEST_SHARE || share + validation >= 1) {
    return `dataset.train: at least ${Math.ceil(wanted / Math.max(0.01, dataset.split.test))} rows`;
  }
  const train = Number((1 - validation - share).toFixed(4));
  return `dataset.split: {train: ${train}, validation: ${validation}, test: ${share}}`;
}
