import { dimProduct } from '../onnx/dims.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { numbers } from './element-types.js';
import { combineContents, evaluateBroadcast, inferBroadcast } from './elementwise.js';

export const Mul: OpDefinition<NoAttributes> = {
  domain: '',
  since: 14,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [{ T: numbers }, 'T'],
  attributes: {},
  elementwise: true,
  infer: (context) => [
    { ...inferBroadcast(context), content: combineContents(context, (a, b) => dimProduct([a, b])) },
  ],
  evaluate: (context) => evaluateBroadcast(context, (a, b) => a! * b!),
  gradient: ({ g, dy, input }) => [() => g.op('Mul', [dy, input(1)]), () => g.op('Mul', [dy, input(0)])],
};
