import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';
import { scalarLike } from './gradients.js';

export const Sqrt: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, Math.sqrt),
  // d√x = dx / (2√x)
  gradient: ({ g, dy, output }) => [
    () => g.op('Div', [g.op('Mul', [dy, scalarLike(g, dy, 0.5)]), output(0)]),
  ],
};
