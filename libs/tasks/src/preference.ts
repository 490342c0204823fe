import { dpoLoss } from '@temper/graph';
import { causalLm } from './causal-lm.js';
import { keptRatios, PreferenceMetrics, rewardsOf } from './metrics/preference.js';
import { DEFAULT_BETA } from './schema/losses.js';
import { preference as schema } from './schema/preference.js';
import type { TaskDefinition } from './task.js';

const { headSize, prediction, card } = causalLm;

const at = (beta: number): TaskDefinition => ({
  ...schema,
  ...{ headSize, prediction, card },
  loss: dpoLoss({ beta }),
  outputs: ['logRatios'],
  accumulator: () => new PreferenceMetrics(beta),
  rows: keptRatios,
  measure: rewardsOf(beta),
  verdict: { learntAgainst: 'base', precision: { metric: 'loss', widest: 0.2 } },
});

/**
 * Which of two completions of a prompt is better. Whatever is minimised, evaluations measure DPO's loss at the β of the training
 * against the model before, so that trainings of every loss can be compared.
 */
export const preference: TaskDefinition = {
  ...at(DEFAULT_BETA),
  measuredBy: ({ beta = DEFAULT_BETA }) => at(beta),
};
