import { formatShape, sameShape } from '../onnx/dims.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { int64 } from './element-types.js';

/** Inputs: indices, depth (a known int64 scalar), values [off, on]; the new axis is the last. */
export const OneHot: OpDefinition<NoAttributes> = {
  domain: '',
  since: 11,
  inputs: [3, 3],
  outputs: [1, 1],
  types: [int64, int64, ['float32', 'int64']],
  attributes: {},
  infer: (context) => {
    const [depth, ...more] = context.content(1) ?? context.fail('the depth must be known');
    if (depth === undefined || more.length) context.fail('the depth must be one number');
    if (!sameShape(context.input(2).shape, [2]))
      context.fail('values must be the one of others and the one of the place', {
        found: formatShape(context.input(2).shape),
        allowed: '[2]',
      });
    return [{ dtype: context.input(2).dtype, shape: [...context.input(0).shape, depth!] }];
  },
  evaluate: ({ input }) => {
    const [indices, values] = [input(0), input(2)];
    const depth = input(1).data[0]!;
    const data = new Float64Array(indices.data.length * depth).fill(values.data[0]!);
    indices.data.forEach((index, row) => {
      const place = index < 0 ? index + depth : index;
      if (place >= 0 && place < depth) data[row * depth + place] = values.data[1]!;
    });
    return [{ dtype: values.dtype, shape: [...indices.shape, depth], data }];
  },
  gradient: () => ['none', 'none', 'unsupported'],
};
