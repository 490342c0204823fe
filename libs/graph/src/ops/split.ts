import { dimSum, normalizeAxis } from '../onnx/dims.js';
import { sizeOf } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { anyType, int64 } from './element-types.js';
import { zerosLike } from './gradients.js';

export interface SplitAttributes {
  axis?: number;
}

/** Into parts whose known lengths are the second input. */
export const Split: OpDefinition<SplitAttributes> = {
  domain: '',
  since: 18,
  inputs: [2, 2],
  outputs: [1, 1024],
  types: [anyType, int64],
  attributes: { axis: 'axis' },
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const axis = normalizeAxis(context.attributes.axis ?? 0, shape.length);
    const lengths = context.content(1) ?? context.fail('the lengths must be known');
    if (lengths.length !== context.outputCount || dimSum(...lengths) !== shape[axis])
      context.fail('the lengths do not fit', { found: lengths.join(' + '), allowed: `${shape[axis]}` });
    return lengths.map((length) => ({ dtype, shape: shape.map((dim, i) => (i === axis ? length : dim)) }));
  },
  evaluate: ({ input, attributes }) => {
    const x = input(0);
    const axis = normalizeAxis(attributes.axis ?? 0, x.shape.length);
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + 1));
    const row = x.data.length / outer;
    let from = 0;
    return Array.from(input(1).data, (length) => {
      const data = new Float64Array(outer * length * inner);
      for (let o = 0; o < outer; o++)
        data.set(x.data.subarray(o * row + from, o * row + from + length * inner), o * length * inner);
      from += length * inner;
      return { ...x, shape: x.shape.map((dim, i) => (i === axis ? length : dim)), data };
    });
  },
  gradient: ({ g, output, outputCount, outputGradient, attributes }) => [
    () => {
      const parts = Array.from(
        { length: outputCount },
        (_, i) => outputGradient(i) ?? zerosLike(g, output(i)),
      );
      return g.op('Concat', parts, { axis: attributes.axis ?? 0 });
    },
    'none',
  ],
};
