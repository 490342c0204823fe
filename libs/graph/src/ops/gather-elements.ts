import { normalizeAxis } from '../onnx/dims.js';
import { dot, forEachIndex, stridesOf } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { zerosLike } from './gradients.js';

export interface GatherElementsAttributes {
  axis?: number;
}

/** y[i][j] = x[indices[i][j]][j] for axis 0, and so on. */
export const GatherElements: OpDefinition<GatherElementsAttributes> = {
  domain: '',
  since: 13,
  inputs: [2, 2],
  outputs: [1, 1],
  attributes: { axis: 'int' },
  infer: (context) => {
    const [x, indices] = [context.input(0), context.input(1)];
    if (x.shape.length !== indices.shape.length) context.fail('indices must have the rank of the data');
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
