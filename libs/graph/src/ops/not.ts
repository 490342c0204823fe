import type { NoAttributes, OpDefinition } from './definition.js';
import { bool } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

export const Not: OpDefinition<NoAttributes> = {
  domain: '',
  since: 1,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [bool],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, (x) => (x ? 0 : 1)),
  gradient: 'none',
};
