import { greaterIsBetter, type EvaluationMetrics } from '@temper/contracts';
import { definitionOf } from '@temper/tasks';
import { minimisesTheLoss } from '@temper/tasks/schema';
import { endAt, moreSteps } from './changes.js';
import { ends, meanLossBefore } from './curves.js';
import { evaluationsOf, numberIn, shown, stepsOf, type Evidence, type Rule } from './evidence.js';
import { thresholds } from './thresholds.js';
import { isBetter, isWorse } from './worse-than-base.js';

const limit = thresholds.overfit;

/** What is learnt by heart: the training loss falls on while the loss of rows that are not trained on does not. */
export const overfit: Rule = (evidence) => byCurve(evidence) ?? byGap(evidence) ?? byBase(evidence);

/** Both curves part: the best evaluation lies long before the end. */
const byCurve: Rule = (evidence) => {
  const evaluations = evaluationsOf(evidence);
  const last = evaluations.at(-1);
  if (!last || evaluations.length < 2) return undefined;
  const best = evaluations.reduce((low, line) => (line.loss < low.loss ? line : low));
  const rise = last.loss / best.loss - 1;
  if (best.step > limit.longBefore * last.step || rise < limit.rise || last.loss - best.loss < limit.nats) {
    return undefined;
  }
  const steps = stepsOf(evidence);
  const [then, now] = [meanLossBefore(steps, best.step), meanLossBefore(steps, last.step)];
  if (then === undefined || now === undefined || now > limit.trainFell * then) return undefined;
  if (rise < limit.steepRise && improved(evidence, best, last)) return undefined;
  const { loadBestModelAtEnd } = evidence.spec.training;
  const kept = loadBestModelAtEnd ? '' : '; the last checkpoint is the model, not the best';
  return {
    evidence:
      `the validation loss is ${shown(last.loss)} at the end and was ${shown(best.loss)} at step ${best.step} of ${last.step}, ` +
      `while the training loss fell from ${shown(then)} to ${shown(now)}${kept}`,
    change: endAt(evidence, best.step),
  };
};

/** What the best model is chosen by may still get better where the loss, which sees how sure the model is, gets worse. */
function improved({ spec: { training } }: Evidence, from: EvaluationMetrics, to: EvaluationMetrics): boolean {
  const metric = training.metricForBestModel;
  const [before, after] = [numberIn(from, metric), numberIn(to, metric)];
  if (before === undefined || after === undefined) return false;
  return (greaterIsBetter(metric) ? after - before : before - after) > limit.metric;
}

/** Without two evaluations to compare: how far apart both losses are at the end, once the data were seen more than once. */
const byGap: Rule = (evidence) => {
  const { spec } = evidence;
  // Of another loss, training's numbers are no measure of those of evaluations.
  if (!minimisesTheLoss(definitionOf(spec), spec.training)) return undefined;
  const evaluations = evaluationsOf(evidence);
  const steps = stepsOf(evidence);
  const curve = ends(steps);
  if (evaluations.length > 1 || !curve || (steps.at(-1)?.epoch ?? 0) < limit.passes) return undefined;
  const validation = evaluations.at(-1)?.loss;
  const heldOut = validation ?? numberIn(evidence.test ?? {}, 'loss');
  if (
    heldOut === undefined ||
    curve.last > limit.gapRatio * heldOut ||
    heldOut - curve.last < limit.gapNats
  ) {
    return undefined;
  }
  return {
    evidence:
      `the training loss is ${shown(curve.last)} in the last ${curve.window} logged steps, ` +
      `the ${validation === undefined ? 'test' : 'validation'} loss ${shown(heldOut)}`,
    change: moreSteps(evidence, 0.5),
  };
};

/** A language model that learnt its training data, and nothing that helps on other rows. */
const byBase: Rule = (evidence) => {
  const { comparison, spec } = evidence;
  const curve = ends(stepsOf(evidence));
  if (definitionOf(spec).verdict.learntAgainst !== 'base') return undefined;
  if (!comparison || !curve || comparison.rows < thresholds.refusalRows) return undefined;
  if (isBetter(comparison) || isWorse(comparison) || curve.last > thresholds.underfit.stayed * curve.first) {
    return undefined;
  }
  return {
    evidence:
      `the training loss fell from ${shown(curve.first)} to ${shown(curve.last)}, the test loss from ` +
      `${shown(comparison.base)} to ${shown(comparison.test)} only, which may be chance`,
    change: moreSteps(evidence, 0.5),
  };
};
