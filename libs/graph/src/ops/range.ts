import { dimProduct, dimSum } from '../onnx/dims.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { indices } from './element-types.js';

/** start, start + 1, … below limit; inputs are int64 scalars: start, limit, delta (which must be 1). */
export const Range: OpDefinition<NoAttributes> = {
  domain: '',
  since: 11,
  inputs: [3, 3],
  outputs: [1, 1],
  types: [{ T: indices }, 'T', 'T'],
  attributes: {},
  infer: (context) => {
    const [start, limit, delta] = [0, 1, 2].map((i) => context.content(i)?.[0]);
    if (start === undefined || limit === undefined || delta !== 1)
      context.fail('start and limit must be known, delta 1');
    return [{ dtype: context.input(0).dtype, shape: [dimSum(limit!, dimProduct([-1, start!]))] }];
  },
  evaluate: ({ input }) => {
    const [start, limit] = [input(0).data[0]!, input(1).data[0]!];
    const length = Math.max(0, limit - start);
    return [
      { dtype: input(0).dtype, shape: [length], data: Float64Array.from({ length }, (_, i) => start + i) },
    ];
  },
  gradient: 'none',
};
