import type { NoAttributes, OpDefinition } from './definition.js';
import { numbers } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

export const Sign: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [numbers],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, Math.sign),

  gradient: 'none',
};
