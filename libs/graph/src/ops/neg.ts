import type { NoAttributes, OpDefinition } from './definition.js';
import { wideNumbers } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

export const Neg: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [[...wideNumbers, 'int8']],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, (x) => -x),

  gradient: ({ g, dy }) => [() => g.op('Neg', [dy])],
};
