import type { NoAttributes, OpDefinition } from './definition.js';
import { computed } from './element-types.js';
import { evaluateBroadcast, inferBroadcast } from './elementwise.js';

export const Equal: OpDefinition<NoAttributes> = {
  domain: '',
  since: 19,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [{ T: computed }, 'T'],
  attributes: {},
  elementwise: true,
  infer: (context) => [inferBroadcast(context, { dtype: 'bool' })],
  evaluate: (context) => evaluateBroadcast(context, (a, b) => (a === b ? 1 : 0), 'bool'),
  gradient: 'none',
};
