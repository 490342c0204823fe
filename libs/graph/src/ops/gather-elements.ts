import { formatShape, normalizeAxis } from '../onnx/dims.js';
import type { Dim } from '../onnx/types.js';
import { dot, forEachIndex, stridesOf } from '../reference/tensor.js';
import type { InferContext, OpDefinition } from './definition.js';
import { anyType, indices } from './element-types.js';
import { zerosLike } from './gradients.js';

export interface GatherElementsAttributes {
  axis?: number;
}

/** Indices have the rank of the data and, but along the axis, no more places. */
export function checkElementIndices(context: InferContext<unknown>, axis: number): void {
  const [x, indices] = [context.input(0).shape, context.input(1).shape];
  const at = normalizeAxis(axis, x.length);
  if (x.length === 0) context.fail('a scalar has no axis to gather from');
  const reaches = (dim: Dim, i: number) =>
    i === at || typeof dim !== 'number' || typeof x[i] !== 'number' || dim <= x[i];
  if (x.length !== indices.length || !indices.every(reaches))
    context.fail('indices do not fit the data', {
      found: formatShape(indices),
      allowed: `at most ${formatShape(x)} but for axis ${at}`,
    });
}

/** y[i][j] = x[indices[i][j]][j] for axis 0, and so on. */
export const GatherElements: OpDefinition<GatherElementsAttributes> = {
  domain: '',
  since: 13,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [anyType, indices],
  attributes: { axis: 'axis' },
  infer: (context) => {
    const [x, indices] = [context.input(0), context.input(1)];
    checkElementIndices(context, context.attributes.axis ?? 0);
    return [{ dtype: x.dtype, shape: indices.shape }];
  },
  evaluate: ({ input, attributes }) => {
    const [x, indices] = [input(0), input(1)];
    const axis = normalizeAxis(attributes.axis ?? 0, x.shape.length);
    const strides = stridesOf(x.shape);
    const data = new Float64Array(indices.data.length);
    forEachIndex(indices.shape, (flat, index) => {
      const place = normalizeAxis(indices.data[flat]!, x.shape[axis]!);
      data[flat] = x.data[dot(index, strides) + (place - index[axis]!) * strides[axis]!]!;
    });
    return [{ ...x, shape: indices.shape, data }];
  },
  gradient: ({ g, dy, input, attributes }) => [
    () =>
      g.op('ScatterElements', [zerosLike(g, input(0)), input(1), dy], {
        axis: attributes.axis ?? 0,
        reduction: 'add',
      }),
    'none',
  ],
};
