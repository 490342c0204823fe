import { formatShape, normalizeAxis, sameShape } from '../onnx/dims.js';
import { sizeOf, stridesOf, type Tensor } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { anyType, int64 } from './element-types.js';
import { zerosLike } from './gradients.js';

export interface ScatterNDAttributes {
  reduction?: 'none' | 'add';
}

/** For each row of the indices (along their last axis): where the slice it names begins, and how long it is. */
export function slicesOf(x: Tensor, indices: Tensor): { starts: number[]; length: number } {
  const depth = indices.shape.at(-1)!;
  const strides = stridesOf(x.shape);
  const starts = Array.from({ length: indices.data.length / depth }, (_, row) => {
    let start = 0;
    for (let i = 0; i < depth; i++)
      start += normalizeAxis(indices.data[row * depth + i]!, x.shape[i]!) * strides[i]!;
    return start;
  });
  return { starts, length: sizeOf(x.shape.slice(depth)) };
}

/** A copy of x in which the slices named by int64 indices [..., depth] are replaced by, or increased by, updates. */
export const ScatterND: OpDefinition<ScatterNDAttributes> = {
  domain: '',
  since: 18,
  inputs: [3, 3],
  outputs: [1, 1],
  types: [{ T: anyType }, int64, 'T'],
  attributes: { reduction: 'string' },
  choices: { reduction: ['none', 'add'] },
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const [indices, updates] = [context.input(1), context.input(2)];
    const depth = indices.shape.at(-1);
    if (typeof depth !== 'number' || depth > shape.length)
      context.fail('the last axis of the indices must be known, and no longer than the rank of the data', {
        found: formatShape(indices.shape),
        allowed: `1 to ${shape.length}`,
      });
    const expected = [...indices.shape.slice(0, -1), ...shape.slice(depth as number)];
    if (!sameShape(updates.shape, expected))
      context.fail('updates do not fit', {
        found: formatShape(updates.shape),
        allowed: formatShape(expected),
      });
    return [{ dtype, shape }];
  },
  evaluate: ({ input, attributes: { reduction = 'none' } }) => {
    const [x, updates] = [input(0), input(2)];
    const { starts, length } = slicesOf(x, input(1));
    const data = x.data.slice();
    starts.forEach((start, row) => {
      for (let i = 0; i < length; i++)
        data[start + i] = (reduction === 'add' ? data[start + i]! : 0) + updates.data[row * length + i]!;
    });
    return [{ ...x, data }];
  },
  // Replaced slices pass no gradient to x. (Indices are taken to be distinct where they replace.)
  gradient: ({ g, dy, input, attributes: { reduction = 'none' } }) => [
    () => (reduction === 'add' ? dy : g.op('ScatterND', [dy, input(1), zerosLike(g, input(2))])),
    'none',
    () => g.op('GatherND', [dy, input(1)]),
  ],
};
