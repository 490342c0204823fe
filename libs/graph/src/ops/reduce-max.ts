import type { OpDefinition } from './definition.js';
import { computed, int64 } from './element-types.js';
import { withAxes } from './gradients.js';
import { evaluateReduction, inferReduction, reducedAxes, type ReductionAttributes } from './reduction.js';

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
  gradient: (context) => [
    () => {
      const { g, dy, input, output, attributes } = context;
      const axes = reducedAxes(context);
      const keep = attributes.keepdims ?? 1;
      const top = g.op('Equal', [input(0), withAxes(g, output(0), axes, keep)]);
      const share = g.op('Cast', [top], { to: dy.dtype });
      const count = g.op('ReduceSum', [share, g.int64s(...axes)], { keepdims: 1 });
      return g.op('Mul', [share, g.op('Div', [withAxes(g, dy, axes, keep), count])]);
    },
    'none',
  ],
};
