import type { OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';
import { scalarLike } from './gradients.js';

export interface EluAttributes {
  alpha?: number;
}

/** x, below 0 α(eˣ − 1). */
export const Elu: OpDefinition<EluAttributes> = {
  domain: '',
  since: 6,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: { alpha: 'float' },
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => {
    const { alpha = 1 } = context.attributes;
    return evaluateUnary(context, (x) => (x < 0 ? alpha * Math.expm1(x) : x));
  },
  // d α(eˣ − 1) = αeˣ dx = (y + α) dx
  gradient: ({ g, dy, input, output, attributes: { alpha = 1 } }) => [
    () => {
      const isBelow = g.op('Less', [input(0), scalarLike(g, dy, 0)]);
      const slope = g.op('Add', [output(0), scalarLike(g, dy, alpha)]);
      return g.op('Where', [isBelow, g.op('Mul', [dy, slope]), dy]);
    },
  ],
};
