import type { NoAttributes, OpDefinition } from './definition.js';
import { bool } from './element-types.js';
import { evaluateBroadcast, inferBroadcast } from './elementwise.js';

export const Or: OpDefinition<NoAttributes> = {
  domain: '',
  since: 7,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [bool, bool],
  attributes: {},
  elementwise: true,
  infer: (context) => [inferBroadcast(context, { dtype: 'bool' })],
  evaluate: (context) => evaluateBroadcast(context, (a, b) => (a || b ? 1 : 0), 'bool'),
  gradient: 'none',
};
