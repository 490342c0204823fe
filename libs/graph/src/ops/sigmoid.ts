import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

export const Sigmoid: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, (x) => 1 / (1 + Math.exp(-x))),
  // dσ = σ(1 − σ) dx
  gradient: ({ g, dy, output }) => [
    () => {
      const s = output(0);
      return g.op('Mul', [dy, g.op('Sub', [s, g.op('Mul', [s, s])])]);
    },
  ],
};
