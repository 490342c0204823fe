import { sizeOf } from '../reference/tensor.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { zerosLike } from './gradients.js';
import { slicesOf } from './scatter-nd.js';

/** The slices of x named by the rows of int64 indices [..., depth]. */
export const GatherND: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [2, 2],
  outputs: [1, 1],
  attributes: {},
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const indices = context.input(1);
    const depth = indices.shape.at(-1);
    if (typeof depth !== 'number' || indices.dtype !== 'int64')
      context.fail('indices must be int64 with a known last axis');
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
  gradient: ({ g, dy, input }) => [
    () => g.op('ScatterND', [zerosLike(g, input(0)), input(1), dy], { reduction: 'add' }),
    'none',
  ],
};
