import { normalizeAxis } from '../onnx/dims.js';
import { sizeOf } from '../reference/tensor.js';
import { addRows } from './add-rows.js';
import type { GraphBuilder } from '../onnx/builder.js';
import type { Dim, Value } from '../onnx/types.js';
import type { InferContext, OpDefinition } from './definition.js';
import { anyType, indices } from './element-types.js';
import { inversePermutation, scalarLike, shapeOf } from './gradients.js';

export interface GatherAttributes {
  axis?: number;
}

/** Known indices must lie within a known length: ONNX Runtime would find out at the first run. */
function checkIndices(context: InferContext<unknown>, length: Dim): void {
  const wrong = context
    .content(1)
    ?.find((i) => typeof i === 'number' && typeof length === 'number' && (i < -length || i >= length));
  if (wrong !== undefined)
    context.fail('an index is out of range', {
      found: `${wrong}`,
      allowed: `-${length} to ${(length as number) - 1}`,
    });
}

/** The updates [...n, ...rest] of the rows that `indices` [...n] name: zero for the padding. */
function learnt(g: GraphBuilder, indices: Value, updates: Value): Value {
  if (indices.padding === undefined) return updates;
  const rank = indices.shape.length;
  const rest = Array.from({ length: updates.shape.length - rank }, (_, i) => rank + i);
  const isPadding = g.op('Equal', [indices, g.scalar(indices.dtype as 'int32' | 'int64', indices.padding)]);
  const ofRows = g.op('Unsqueeze', [isPadding, g.int64s(...rest)]);
  return g.op('Where', [ofRows, scalarLike(g, updates, 0), updates]);
}

/** Slices along one axis, by int32 or int64 indices of any shape; negative ones count from the end. */
export const Gather: OpDefinition<GatherAttributes> = {
  domain: '',
  since: 13,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [anyType, indices],
  attributes: { axis: 'axis' },
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const indices = context.input(1);
    const axis = normalizeAxis(context.attributes.axis ?? 0, shape.length);
    checkIndices(context, shape[axis] ?? context.fail('a scalar has no axis to gather from'));
    const [content, at] = [context.content(0), context.content(1)];
    const followed = content && at?.every((i) => typeof i === 'number');
    return [
      {
        dtype,
        shape: [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)],
        content: followed ? at!.map((i) => content.at(i as number)!) : undefined,
      },
    ];
  },
  evaluate: ({ input, attributes }) => {
    const [x, indices] = [input(0), input(1)];
    const axis = normalizeAxis(attributes.axis ?? 0, x.shape.length);
    const length = x.shape[axis]!;
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + 1));
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    const data = new Float64Array(sizeOf(shape));
    let to = 0;
    for (let o = 0; o < outer; o++)
      for (const index of indices.data) {
        const from = (o * length + normalizeAxis(index, length)) * inner;
        data.set(x.data.subarray(from, from + inner), to);
        to += inner;
      }
    return [{ ...x, shape, data }];
  },
  // Adds each slice of dy to the place it came from; the gathered axis is brought to the front for it.
  gradient: ({ g, dy, input, attributes }) => [
    () => {
      const [x, indices] = [input(0), input(1)];
      const axis = normalizeAxis(attributes.axis ?? 0, x.shape.length);
      if (axis === 0) return addRows(g, shapeOf(g, x), indices, learnt(g, indices, dy));
      const order = (rank: number, first: number, count: number) => {
        const axes = Array.from({ length: rank }, (_, i) => i);
        return [...axes.splice(first, count), ...axes];
      };
      const updates = g.op('Transpose', [dy], { perm: order(dy.shape.length, axis, indices.shape.length) });
      const perm = order(x.shape.length, axis, 1);
      const shape = g.op('Gather', [shapeOf(g, x), g.int64s(...perm)]);
      const sum = addRows(g, shape, indices, learnt(g, indices, updates));
      return g.op('Transpose', [sum], { perm: inversePermutation(perm) });
    },
    'none',
  ],
};
