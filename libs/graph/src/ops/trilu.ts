import type { Value } from '../onnx/types.js';
import { forEachIndex } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { int64, wideNumbers } from './element-types.js';

export interface TriluAttributes {
  /** 1 (default): what is above the diagonal is kept, 0: what is below it. */
  upper?: number;
}

/** Zeros on one side of a diagonal of the last two axes; the optional second input (a scalar) moves it to the right. */
export const Trilu: OpDefinition<TriluAttributes> = {
  domain: '',
  since: 14,
  inputs: [1, 2],
  outputs: [1, 1],
  types: [[...wideNumbers, 'bool'], int64],
  attributes: { upper: 'flag' },
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    if (shape.length < 2) context.fail('needs at least two axes', { found: `${shape.length}` });
    return [{ dtype, shape }];
  },
  evaluate: ({ input, inputs, attributes: { upper = 1 } }) => {
    const x = input(0);
    const k = inputs[1]?.data[0] ?? 0;
    const data = x.data.slice();
    forEachIndex(x.shape, (flat, index) => {
      const [row, column] = index.slice(-2) as [number, number];
      if (upper ? column < row + k : column > row + k) data[flat] = 0;
    });
    return [{ ...x, data }];
  },
  gradient: ({ g, dy, input, hasInput, attributes }) => {
    const inputs: Value[] = hasInput(1) ? [input(1)] : [];
    return [() => g.op('Trilu', [dy, ...inputs], attributes), 'none'];
  },
};
