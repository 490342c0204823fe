import type { StepMetrics } from '@temper/contracts';
import { definitionOf } from '@temper/tasks';
import { learnMore, moreSteps, rose } from './changes.js';
import { ends, stillFalling } from './curves.js';
import { chanceIn, measuredOn, shown, stepsOf, type Rule } from './evidence.js';
import { thresholds } from './thresholds.js';
import { isBetter, isWorse } from './worse-than-base.js';

const limit = thresholds.underfit;

/** What could be learnt was not. */
export const underfit: Rule = (evidence) =>
  definitionOf(evidence.spec).verdict.learntAgainst === 'base' ? byBase(evidence) : byChance(evidence);

/** A classifier against who knows how frequent the classes are and nothing else. */
const byChance: Rule = (evidence) => {
  const steps = stepsOf(evidence);
  const curve = ends(steps);
  const { loss: chance, words } = chanceIn(measuredOn(evidence).metrics);
  if (!curve || chance < limit.entropy) return undefined;
  const learnt = 1 - curve.last / chance;
  // Falling back from where too large a rate threw it is no learning.
  const falling = stillFalling(steps, limit.falling) && !rose(steps);
  if (learnt >= (falling ? limit.learntWhileFalling : limit.learnt)) return undefined;
  return {
    evidence:
      `the training loss ended at ${shown(curve.last)} (mean of the last ${curve.window} logged steps), ` +
      `${words} has ${shown(chance)}${falling ? '; it was still falling' : began(steps)}`,
    change: falling ? moreSteps(evidence, 2) : learnMore(evidence),
  };
};

const began = (steps: readonly StepMetrics[]) =>
  rose(steps) ? `; it began at ${shown(steps[0]!.loss)}` : '';

/** A language model against the one that it was. */
const byBase: Rule = (evidence) => {
  const { comparison } = evidence;
  const curve = ends(stepsOf(evidence));
  if (!comparison || !curve || comparison.rows < thresholds.refusalRows) return undefined;
  if (isBetter(comparison) || isWorse(comparison) || curve.last <= limit.stayed * curve.first)
    return undefined;
  const { metric, base, test, rows, interval } = comparison;
  return {
    evidence:
      `${metric} ${shown(test)} on ${rows} test rows, the base model has ${shown(base)}: no difference that is certain ` +
      `(${interval.map(shown).join(' to ')}, 95%); the training loss went from ${shown(curve.first)} to ${shown(curve.last)}`,
    change: learnMore(evidence),
  };
};
