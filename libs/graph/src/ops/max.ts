import { scalarLike } from './gradients.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { numbers } from './element-types.js';
import { evaluateBroadcast, inferBroadcast } from './elementwise.js';

/** Of two inputs. Where they are equal, the gradient goes to the first. */
export const Max: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [{ T: numbers }, 'T'],
  attributes: {},
  elementwise: true,
  infer: (context) => [inferBroadcast(context)],
  evaluate: (context) => evaluateBroadcast(context, (a, b) => Math.max(a!, b!)),
  gradient: ({ g, dy, input }) => {
    const first = () => g.op('GreaterOrEqual', [input(0), input(1)]);
    const zero = () => scalarLike(g, dy, 0);
    return [() => g.op('Where', [first(), dy, zero()]), () => g.op('Where', [first(), zero(), dy])];
  },
};
