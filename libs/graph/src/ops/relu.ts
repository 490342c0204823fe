import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';
import { scalarLike } from './gradients.js';

export const Relu: OpDefinition<NoAttributes> = {
  domain: '',
  since: 14,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [[...floats, 'int32', 'int8']],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, (x) => Math.max(x, 0)),
  // 0 at x = 0
  gradient: ({ g, dy, output }) => [
    () => g.op('Where', [g.op('Greater', [output(0), scalarLike(g, dy, 0)]), dy, scalarLike(g, dy, 0)]),
  ],
};
