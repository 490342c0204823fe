import type { OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';
import { scalarLike } from './gradients.js';

export interface LeakyReluAttributes {
  alpha?: number;
}

/** x, below 0 αx. */
export const LeakyRelu: OpDefinition<LeakyReluAttributes> = {
  domain: '',
  since: 16,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: { alpha: 'float' },
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => {
    const { alpha = 0.01 } = context.attributes;
    return evaluateUnary(context, (x) => (x < 0 ? alpha * x : x));
  },
  gradient: ({ g, dy, input, attributes: { alpha = 0.01 } }) => [
    () => {
      const isBelow = g.op('Less', [input(0), scalarLike(g, dy, 0)]);
      return g.op('Where', [isBelow, g.op('Mul', [dy, scalarLike(g, dy, alpha)]), dy]);
    },
  ],
};
