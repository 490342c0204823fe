import type { OpDefinition } from './definition.js';
import { int64, wideNumbers } from './element-types.js';
import { scalarLike, withAxes } from './gradients.js';
import { evaluateReduction, inferReduction, reducedAxes, type ReductionAttributes } from './reduction.js';

/** √Σx². The gradient at 0 is 0, as in PyTorch. */
export const ReduceL2: OpDefinition<ReductionAttributes> = {
  domain: '',
  since: 18,
  inputs: [1, 2],
  outputs: [1, 1],
  types: [wideNumbers, int64],
  attributes: { keepdims: 'flag' },
  infer: inferReduction,
  evaluate: (context) => evaluateReduction(context, 0, (sum, x) => sum + x * x, Math.sqrt),
  // d√Σx² = x/y dx
  gradient: (context) => [
    () => {
      const { g, dy, input, output, attributes } = context;
      const [axes, keep] = [reducedAxes(context), attributes.keepdims ?? 1];
      const y = withAxes(g, output(0), axes, keep);
      const divisor = g.op('Where', [g.op('Equal', [y, scalarLike(g, dy, 0)]), scalarLike(g, dy, 1), y]);
      return g.op('Mul', [input(0), g.op('Div', [withAxes(g, dy, axes, keep), divisor])]);
    },
    'none',
  ],
};
