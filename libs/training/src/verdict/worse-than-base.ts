import { greaterIsBetter, learningRateChange, type Comparison } from '@temper/contracts';
import { shown, type Rule } from './evidence.js';
import { thresholds } from './thresholds.js';

/** The whole 95% interval of the difference to the base model lies on the wrong side. */
export const isWorse = ({ metric, test, interval: [low, high] }: Comparison): boolean =>
  // A loss that is no number any more is no better than any number.
  !Number.isFinite(test) || (greaterIsBetter(metric) ? high < 0 : low > 0);

export const isBetter = ({ metric, interval: [low, high] }: Comparison): boolean =>
  greaterIsBetter(metric) ? low > 0 : high < 0;

/** A fine-tuned model that does what its base did already, but worse. */
export const worseThanBase: Rule = ({ comparison, spec }) => {
  if (!comparison || !isWorse(comparison) || comparison.rows < thresholds.worse.rowsTold) return undefined;
  const { metric, base, test, rows, interval } = comparison;
  const between = interval.map((end) => shown(end)).join(' to ');
  return {
    evidence: `${metric} ${shown(test)} on ${rows} test rows, the base model has ${shown(base)} (difference ${between}, 95%)`,
    change: learningRateChange(spec.training.learningRate, 1 / 3),
    ...(rows >= thresholds.refusalRows ? { refuses: true } : {}),
  };
};
