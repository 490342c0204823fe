import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

export const Cos: OpDefinition<NoAttributes> = {
  domain: '',
  since: 7,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, Math.cos),

  gradient: ({ g, dy, input }) => [() => g.op('Neg', [g.op('Mul', [dy, g.op('Sin', [input(0)])])])],
};
