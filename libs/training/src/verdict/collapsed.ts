import { learnMore } from './changes.js';
import { ends } from './curves.js';
import { balanceIn, chanceIn, measuredOn, numberIn, shown, stepsOf, type Rule } from './evidence.js';
import { thresholds } from './thresholds.js';

const { collapsed: limit, refusalRows } = thresholds;

/** A classifier that gives one answer whatever it is asked. */
export const collapsed: Rule = (evidence) => {
  const { split, metrics } = measuredOn(evidence);
  const balance = balanceIn(metrics);
  const rows = numberIn(metrics, 'examples') ?? 0;
  if (!balance || rows < limit.rowsTold || balance.secondLargest < limit.secondClassTold) return undefined;
  const { predicted, actual, otherHits } = balance;
  if (predicted < limit.share * rows) return undefined;
  // Nearly one answer is right where the truth is nearly of one class, as long as the others are found at all.
  if (actual >= limit.skewedTruth * rows && otherHits >= limit.found * (rows - actual)) return undefined;
  const refuses = split === 'test' && rows >= refusalRows && balance.secondLargest >= limit.secondClass;
  const said = `${predicted === rows ? `all ${rows}` : `${predicted} of ${rows}`} ${split} rows are predicted`;
  const curve = ends(stepsOf(evidence));
  const loss = curve
    ? `; the training loss ended at ${shown(curve.last)}, ${chanceIn(metrics).words} has ${shown(chanceIn(metrics).loss)}`
    : '';
  return {
    evidence: `${said} ${JSON.stringify(balance.label)}, ${actual} are${loss}`,
    change: learnMore(evidence),
    ...(refuses ? { refuses } : {}),
  };
};
