import type { OpDefinition } from './definition.js';
import { int64, wideNumbers } from './element-types.js';
import { withAxes } from './gradients.js';
import { evaluateReduction, inferReduction, reducedAxes, type ReductionAttributes } from './reduction.js';

export const ReduceSum: OpDefinition<ReductionAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 2],
  outputs: [1, 1],
  types: [wideNumbers, int64],
  attributes: { keepdims: 'flag' },
  infer: inferReduction,
  evaluate: (context) => evaluateReduction(context, 0, (sum, x) => sum + x),
  // Broadcasts over the summed axes; the walk expands it only where it must.
  gradient: (context) => [
    () => withAxes(context.g, context.dy, reducedAxes(context), context.attributes.keepdims ?? 1),
    'none',
  ],
};
