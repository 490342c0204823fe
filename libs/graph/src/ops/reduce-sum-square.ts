import type { OpDefinition } from './definition.js';
import { int64, wideNumbers } from './element-types.js';
import { scalarLike, withAxes } from './gradients.js';
import { evaluateReduction, inferReduction, reducedAxes, type ReductionAttributes } from './reduction.js';

export const ReduceSumSquare: OpDefinition<ReductionAttributes> = {
  domain: '',
  since: 18,
  inputs: [1, 2],
  outputs: [1, 1],
  types: [wideNumbers, int64],
  attributes: { keepdims: 'flag' },
  infer: inferReduction,
  evaluate: (context) => evaluateReduction(context, 0, (sum, x) => sum + x * x),
  // d Σx² = 2x dx
  gradient: (context) => [
    () => {
      const { g, dy, input, attributes } = context;
      const spread = withAxes(g, dy, reducedAxes(context), attributes.keepdims ?? 1);
      return g.op('Mul', [input(0), g.op('Mul', [spread, scalarLike(g, dy, 2)])]);
    },
    'none',
  ],
};
