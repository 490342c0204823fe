import { dimProduct } from '../onnx/dims.js';
import type { Value } from '../onnx/types.js';
import type { GradientContext, OpDefinition } from './definition.js';
import { int64, wideNumbers } from './element-types.js';
import { scalarLike, withAxes } from './gradients.js';
import { evaluateReduction, inferReduction, reducedAxes, type ReductionAttributes } from './reduction.js';

export const ReduceMean: OpDefinition<ReductionAttributes> = {
  domain: '',
  since: 18,
  inputs: [1, 2],
  outputs: [1, 1],
  types: [wideNumbers, int64],
  attributes: { keepdims: 'flag' },
  infer: inferReduction,
  evaluate: (context) =>
    evaluateReduction(
      context,
      0,
      (sum, x) => sum + x,
      (sum, count) => sum / count,
    ),
  gradient: (context) => [
    () => {
      const { g, dy, attributes } = context;
      const axes = reducedAxes(context);
      return g.op('Div', [withAxes(g, dy, axes, attributes.keepdims ?? 1), reducedCount(context, axes)]);
    },
    'none',
  ],
};

/** How many elements each mean is of, as a scalar of the input's type. */
function reducedCount(
  { g, dy, input }: GradientContext<ReductionAttributes>,
  axes: readonly number[],
): Value {
  const x = input(0);
  const count = dimProduct(axes.map((axis) => x.shape[axis]!));
  if (typeof count === 'number') return scalarLike(g, dy, count);
  const lengths = axes.map((axis) => g.op('Gather', [g.op('Shape', [x]), g.scalar('int64', axis)]));
  const product = lengths.reduce((a, b) => g.op('Mul', [a, b]));
  return g.op('Cast', [product], { to: dy.dtype });
}
