import type { GraphBuilder } from '../onnx/builder.js';
import { formatShape, isNumeric } from '../onnx/dims.js';
import type { Value } from '../onnx/types.js';
import { sizeOf } from '../reference/tensor.js';
import { addRows } from './add-rows.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { anyType, int64 } from './element-types.js';
import { zerosLike } from './gradients.js';
import { slicesOf } from './scatter-nd.js';

/** The slices of x named by the rows of int64 indices [..., depth]. */
export const GatherND: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [anyType, int64],
  attributes: {},
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const indices = context.input(1);
    const depth = indices.shape.at(-1);
    if (typeof depth !== 'number' || depth > shape.length)
      context.fail('the last axis of the indices must be known, and no longer than the rank of the data', {
        found: formatShape(indices.shape),
        allowed: `1 to ${shape.length}`,
      });
    return [{ dtype, shape: [...indices.shape.slice(0, -1), ...shape.slice(depth as number)] }];
  },
  evaluate: ({ input }) => {
    const [x, indices] = [input(0), input(1)];
    const { starts, length } = slicesOf(x, indices);
    const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(indices.shape.at(-1))];
    const data = new Float64Array(sizeOf(shape));
    starts.forEach((start, row) => data.set(x.data.subarray(start, start + length), row * length));
    return [{ ...x, shape, data }];
  },
  gradient: ({ g, dy, input }) => {
    const [x, indices] = [input(0), input(1)];
    if (indices.distinct) return [() => g.op('ScatterND', [zerosLike(g, x), indices, dy]), 'none'];
    // The number of a row that may repeat follows from the lengths of the axes.
    const { shape } = x;
    if (!isNumeric(shape)) return ['unsupported', 'none'];
    const depth = indices.shape.at(-1) as number;
    const named = shape.slice(0, depth);
    return [
      () => {
        const table = g.int64s(sizeOf(named), ...shape.slice(depth));
        return g.op('Reshape', [addRows(g, table, flatIndices(g, indices, named), dy), g.int64s(...shape)]);
      },
      'none',
    ];
  },
};

/** Indices [..., depth] into axes of `dims` as indices [...] into the one axis that they make together. */
function flatIndices(g: GraphBuilder, indices: Value, dims: readonly number[]): Value {
  const strides = dims.map((_, i) => sizeOf(dims.slice(i + 1)));
  const counted = g.op('Where', [
    g.op('Less', [indices, g.scalar('int64', 0)]),
    g.op('Add', [indices, g.int64s(...dims)]),
    indices,
  ]);
  return g.op('ReduceSum', [g.op('Mul', [counted, g.int64s(...strides)]), g.int64s(-1)], { keepdims: 0 });
}
