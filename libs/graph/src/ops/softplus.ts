import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

export const Softplus: OpDefinition<NoAttributes> = {
  domain: '',
  since: 1,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),

  gradient: ({ g, dy, input }) => [() => g.op('Mul', [dy, g.op('Sigmoid', [input(0)])])],
};
