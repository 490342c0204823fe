import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

export const Reciprocal: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, (x) => 1 / x),
  // d(1/x) = −x⁻² dx
  gradient: ({ g, dy, output }) => [
    () => g.op('Neg', [g.op('Mul', [dy, g.op('Mul', [output(0), output(0)])])]),
  ],
};
