import { dimProduct, dimSum } from '../onnx/dims.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { numbers } from './element-types.js';
import { combineContents, evaluateBroadcast, inferBroadcast } from './elementwise.js';

export const Sub: OpDefinition<NoAttributes> = {
  domain: '',
  since: 14,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [{ T: numbers }, 'T'],
  attributes: {},
  elementwise: true,
  infer: (context) => [
    {
      ...inferBroadcast(context),
      content: combineContents(context, (a, b) => dimSum(a, dimProduct([-1, b]))),
    },
  ],
  evaluate: (context) => evaluateBroadcast(context, (a, b) => a! - b!),
  gradient: ({ g, dy }) => [() => dy, () => g.op('Neg', [dy])],
};
