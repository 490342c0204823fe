import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

export const Exp: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, Math.exp),

  gradient: ({ g, dy, output }) => [() => g.op('Mul', [dy, output(0)])],
};
