import type { OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';
import { scalarLike } from './gradients.js';

export interface QuickGeluAttributes {
  alpha?: number;
}

/** x σ(αx); SiLU (swish) with α = 1. */
export const QuickGelu: OpDefinition<QuickGeluAttributes> = {
  domain: 'com.microsoft',
  since: 1,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: { alpha: 'float' },
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => {
    const { alpha = 1.702 } = context.attributes;
    return evaluateUnary(context, (x) => x / (1 + Math.exp(-alpha * x)));
  },
  // d(xs) = s + αxs(1 − s) = s + αy(1 − s), s = σ(αx)
  gradient: ({ g, dy, input, output, attributes: { alpha = 1.702 } }) => [
    () => {
      const scaled = (x: typeof dy) => (alpha === 1 ? x : g.op('Mul', [x, scalarLike(g, dy, alpha)]));
      const s = g.op('Sigmoid', [scaled(input(0))]);
      const y = scaled(output(0));
      return g.op('Mul', [dy, g.op('Add', [s, g.op('Sub', [y, g.op('Mul', [y, s])])])]);
    },
  ],
};
