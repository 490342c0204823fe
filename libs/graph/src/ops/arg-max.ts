import { normalizeAxis } from '../onnx/dims.js';
import { sizeOf } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { numbers } from './element-types.js';

export interface ArgMaxAttributes {
  axis?: number;
  keepdims?: number;
}

/** The first of equal maxima, as int64. */
export const ArgMax: OpDefinition<ArgMaxAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [numbers],
  attributes: { axis: 'axis', keepdims: 'flag' },
  infer: (context) => {
    const { shape } = context.input(0);
    const { axis = 0, keepdims = 1 } = context.attributes;
    const at = normalizeAxis(axis, shape.length);
    return [{ dtype: 'int64', shape: shape.flatMap((dim, i) => (i !== at ? [dim] : keepdims ? [1] : [])) }];
  },
  evaluate: ({ input, attributes: { axis = 0, keepdims = 1 } }) => {
    const x = input(0);
    const at = normalizeAxis(axis, x.shape.length);
    const length = x.shape[at]!;
    const inner = sizeOf(x.shape.slice(at + 1));
    const data = new Float64Array(x.data.length / length);
    for (let row = 0; row < data.length; row++) {
      const start = Math.floor(row / inner) * length * inner + (row % inner);
      let best = 0;
      for (let k = 1; k < length; k++)
        if (x.data[start + k * inner]! > x.data[start + best * inner]!) best = k;
      data[row] = best;
    }
    const shape = x.shape.flatMap((dim, i) => (i !== at ? [dim] : keepdims ? [1] : []));
    return [{ dtype: 'int64', shape, data }];
  },
  gradient: 'none',
};
