import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

export const Sin: OpDefinition<NoAttributes> = {
  domain: '',
  since: 7,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, Math.sin),

  gradient: ({ g, dy, input }) => [() => g.op('Mul', [dy, g.op('Cos', [input(0)])])],
};
