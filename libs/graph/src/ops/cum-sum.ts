import { normalizeAxis } from '../onnx/dims.js';
import type { OpDefinition } from './definition.js';
import { indices, wideNumbers } from './element-types.js';
import { axesWithin } from './reduction.js';
import { mapLines } from './rows.js';

export interface CumSumAttributes {
  /** 1: element i is not in sum i. */
  exclusive?: number;
  /** 1: from the end. */
  reverse?: number;
}

/** Running sums along the axis that the second input holds: a known scalar. */
export const CumSum: OpDefinition<CumSumAttributes> = {
  domain: '',
  since: 14,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [wideNumbers, indices],
  attributes: { exclusive: 'flag', reverse: 'flag' },
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const axis = context.content(1) ?? context.fail('the axis must be known');
    axesWithin(context, axis, shape.length);
    if (axis.length !== 1) context.fail('the axis must be one number', { found: axis.join(', ') });
    return [{ dtype, shape }];
  },
  evaluate: ({ input, attributes: { exclusive = 0, reverse = 0 } }) => {
    const x = input(0);
    const axis = normalizeAxis(input(1).data[0]!, x.shape.length);
    const sums = (line: Float64Array) => {
      const turned = reverse ? line.toReversed() : line;
      let total = 0;
      const result = turned.map((element) => {
        total += element;
        return exclusive ? total - element : total;
      });
      return reverse ? result.reverse() : result;
    };
    return [mapLines(x, axis, sums)];
  },
  // Element i is in the sums from i on: the same from the other end.
  gradient: ({ g, dy, input, attributes: { exclusive = 0, reverse = 0 } }) => [
    () => g.op('CumSum', [dy, input(1)], { exclusive, reverse: reverse ? 0 : 1 }),
    'none',
  ],
};
