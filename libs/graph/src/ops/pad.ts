import { dimSum } from '../onnx/dims.js';
import { dot, forEachIndex, sizeOf, stridesOf } from '../reference/tensor.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { computed, int64 } from './element-types.js';

/** Zeros around x; the second input holds how many before each axis, then how many after each. */
export const Pad: OpDefinition<NoAttributes> = {
  domain: '',
  since: 21,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [computed, int64],
  attributes: {},
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const pads = context.content(1) ?? context.fail('the pads must be known');
    if (pads.length !== 2 * shape.length)
      context.fail('wrong number of pads', { found: `${pads.length}`, allowed: `${2 * shape.length}` });
    return [{ dtype, shape: shape.map((dim, i) => dimSum(dim, pads[i]!, pads[i + shape.length]!)) }];
  },
  evaluate: ({ input }) => {
    const x = input(0);
    const rank = x.shape.length;
    const pads = input(1).data;
    const shape = x.shape.map((dim, i) => dim + pads[i]! + pads[i + rank]!);
    const strides = stridesOf(shape);
    const start = dot(Array.from(pads.subarray(0, rank)), strides);
    const data = new Float64Array(sizeOf(shape));
    forEachIndex(x.shape, (flat, index) => {
      data[start + dot(index, strides)] = x.data[flat]!;
    });
    return [{ ...x, shape, data }];
  },
  gradient: ({ g, dy, input }) => [
    () => {
      const rank = dy.shape.length;
      const axes = g.int64s(...dy.shape.map((_, i) => i));
      const starts = g.op('Slice', [input(1), g.int64s(0), g.int64s(rank), g.int64s(0)]);
      return g.op('Slice', [dy, starts, g.op('Add', [starts, g.op('Shape', [input(0)])]), axes]);
    },
    'none',
  ],
};
