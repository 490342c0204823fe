import type { GradientContext, InputGradient } from './definition.js';
import { withAxes } from './gradients.js';
import { reducedAxes, type ReductionAttributes } from './reduction.js';

/** Of a maximum or minimum over axes: the elements that are equal to it share its gradient. */
export function extremeGradient(context: GradientContext<ReductionAttributes>): InputGradient[] {
  return [
    () => {
      const { g, dy, input, output, attributes } = context;
      const axes = reducedAxes(context);
      const keep = attributes.keepdims ?? 1;
      const reached = g.op('Equal', [input(0), withAxes(g, output(0), axes, keep)]);
      const share = g.op('Cast', [reached], { to: dy.dtype });
      const count = g.op('ReduceSum', [share, g.int64s(...axes)], { keepdims: 1 });
      return g.op('Mul', [share, g.op('Div', [withAxes(g, dy, axes, keep), count])]);
    },
    'none',
  ];
}
