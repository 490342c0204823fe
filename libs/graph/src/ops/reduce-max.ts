import type { OpDefinition } from './definition.js';
import { computed, int64 } from './element-types.js';
import { extremeGradient } from './extremes.js';
import { evaluateReduction, inferReduction, type ReductionAttributes } from './reduction.js';

/** Equal maxima share the gradient. */
export const ReduceMax: OpDefinition<ReductionAttributes> = {
  domain: '',
  since: 20,
  inputs: [1, 2],
  outputs: [1, 1],
  types: [computed, int64],
  attributes: { keepdims: 'flag' },
  infer: inferReduction,
  evaluate: (context) => evaluateReduction(context, -Infinity, Math.max),
  gradient: extremeGradient,
};
