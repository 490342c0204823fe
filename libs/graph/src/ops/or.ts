import type { NoAttributes, OpDefinition } from './definition.js';
import { evaluateBroadcast, inferBroadcast } from './elementwise.js';

export const Or: OpDefinition<NoAttributes> = {
  domain: '',
  since: 7,
  inputs: [2, 2],
  outputs: [1, 1],
  attributes: {},
  elementwise: true,
  infer: (context) => [inferBroadcast(context, { dtype: 'bool' })],
  evaluate: (context) => evaluateBroadcast(context, (a, b) => (a || b ? 1 : 0), 'bool'),
  gradient: 'none',
};
