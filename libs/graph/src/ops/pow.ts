import { scalarLike } from './gradients.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { wideNumbers } from './element-types.js';
import { evaluateBroadcast, inferBroadcast } from './elementwise.js';

export const Pow: OpDefinition<NoAttributes> = {
  domain: '',
  since: 15,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [{ T: wideNumbers }, 'T'],
  attributes: {},
  elementwise: true,
  infer: (context) => [inferBroadcast(context)],
  evaluate: (context) => evaluateBroadcast(context, (a, b) => Math.pow(a!, b!)),
  gradient: ({ g, dy, input, output }) => [
    // d(a^b)/da = b a^(b−1)
    () => {
      const power = g.op('Pow', [input(0), g.op('Sub', [input(1), scalarLike(g, input(1), 1)])]);
      return g.op('Mul', [dy, g.op('Mul', [input(1), power])]);
    },
    // d(a^b)/db = a^b ln a
    () => g.op('Mul', [dy, g.op('Mul', [output(0), g.op('Log', [input(0)])])]),
  ],
};
