import type { NoAttributes, OpDefinition } from './definition.js';
import { numbers } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

export const Abs: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [numbers],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, Math.abs),

  gradient: ({ g, dy, input }) => [() => g.op('Mul', [dy, g.op('Sign', [input(0)])])],
};
