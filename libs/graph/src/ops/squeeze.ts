import { normalizeAxis } from '../onnx/dims.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { anyType, int64 } from './element-types.js';
import { knownAxes } from './reduction.js';

/** Drops the axes (of length 1) named by the second input. */
export const Squeeze: OpDefinition<NoAttributes> = {
  domain: '',
  since: 21,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [anyType, int64],
  attributes: {},
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const axes = knownAxes(context, 1);
    const wrong = axes.find((axis) => shape[axis] !== 1);
    if (wrong !== undefined) context.fail(`axis ${wrong} is not 1`, { found: `${shape[wrong]}` });
    return [{ dtype, shape: shape.filter((_, i) => !axes.includes(i)), content: context.content(0) }];
  },
  evaluate: ({ input }) => {
    const x = input(0);
    const axes = Array.from(input(1).data, (axis) => normalizeAxis(axis, x.shape.length));
    return [{ ...x, shape: x.shape.filter((_, i) => !axes.includes(i)) }];
  },
  gradient: ({ g, dy, input }) => [() => g.op('Unsqueeze', [dy, input(1)]), 'none'],
};
