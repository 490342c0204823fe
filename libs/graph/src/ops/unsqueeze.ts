import { normalizeAxis } from '../onnx/dims.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { anyType, int64 } from './element-types.js';
import { axesWithin } from './reduction.js';

function withOnes<T>(shape: readonly T[], axes: readonly number[], one: T): T[] {
  const rank = shape.length + axes.length;
  const at = new Set(axes.map((axis) => normalizeAxis(axis, rank)));
  const rest = shape.values();
  return Array.from({ length: rank }, (_, i) => (at.has(i) ? one : rest.next().value!));
}

/** New axes of length 1 at the places (of the output) named by the second input. */
export const Unsqueeze: OpDefinition<NoAttributes> = {
  domain: '',
  since: 21,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [anyType, int64],
  attributes: {},
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const axes = context.content(1) ?? context.fail('the axes must be known');
    const places = axesWithin(context, axes, shape.length + axes.length);
    return [{ dtype, shape: withOnes(shape, places, 1), content: context.content(0) }];
  },
  evaluate: ({ input }) => [{ ...input(0), shape: withOnes(input(0).shape, Array.from(input(1).data), 1) }],
  gradient: ({ g, dy, input }) => [() => g.op('Squeeze', [dy, input(1)]), 'none'],
};
