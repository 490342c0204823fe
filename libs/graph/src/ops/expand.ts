import { broadcastShapes, formatShape } from '../onnx/dims.js';
import { broadcastStrides, dot, forEachIndex, sizeOf } from '../reference/tensor.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { computed, int64 } from './element-types.js';

/** Broadcasts to the broadcast of its own shape and the known shape of the second input. */
export const Expand: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [computed, int64],
  attributes: {},
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const target = context.content(1) ?? context.fail('the target shape must be known');
    const result = broadcastShapes(shape, target);
    return [
      {
        dtype,
        shape:
          result ??
          context.fail('cannot be expanded', { found: `${formatShape(shape)} to ${formatShape(target)}` }),
      },
    ];
  },
  evaluate: ({ input }) => {
    const x = input(0);
    const shape = broadcastShapes(x.shape, Array.from(input(1).data)) as number[];
    const strides = broadcastStrides(x.shape, shape);
    const data = new Float64Array(sizeOf(shape));
    forEachIndex(shape, (flat, index) => {
      data[flat] = x.data[dot(index, strides)]!;
    });
    return [{ ...x, shape, data }];
  },
  gradient: ({ dy }) => [() => dy, 'none'],
};
