import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';
import { scalarLike } from './gradients.js';

export const Tanh: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, Math.tanh),
  // d tanh = (1 − tanh²) dx
  gradient: ({ g, dy, output }) => [
    () => {
      const square = g.op('Mul', [output(0), output(0)]);
      return g.op('Mul', [dy, g.op('Sub', [scalarLike(g, dy, 1), square])]);
    },
  ],
};
