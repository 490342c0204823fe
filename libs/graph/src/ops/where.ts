import type { NoAttributes, OpDefinition } from './definition.js';
import { bool, wideNumbers } from './element-types.js';
import { evaluateBroadcast, inferBroadcast } from './elementwise.js';
import { broadcastShapes } from '../onnx/dims.js';
import { scalarLike } from './gradients.js';

export const Where: OpDefinition<NoAttributes> = {
  domain: '',
  since: 16,
  inputs: [3, 3],
  outputs: [1, 1],
  types: [bool, { T: [...wideNumbers, 'uint8'] }, 'T'],
  attributes: {},
  elementwise: true,
  infer: (context) => {
    const { dtype, shape } = inferBroadcast(context, { first: 1 });
    const whole = broadcastShapes(shape, context.input(0).shape);
    return [{ dtype, shape: whole ?? context.fail('the condition does not broadcast') }];
  },
  evaluate: (context) => evaluateBroadcast(context, (c, a, b) => (c ? a! : b!), context.input(1).dtype),
  gradient: ({ g, dy, input }) => [
    'none',
    () => g.op('Where', [input(0), dy, scalarLike(g, dy, 0)]),
    () => g.op('Where', [input(0), scalarLike(g, dy, 0), dy]),
  ],
};
