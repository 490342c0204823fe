import { dimQuotient } from '../onnx/dims.js';
import { isFloat } from '../onnx/types.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { numbers } from './element-types.js';
import { combineContents, evaluateBroadcast, inferBroadcast } from './elementwise.js';

export const Div: OpDefinition<NoAttributes> = {
  domain: '',
  since: 14,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [{ T: numbers }, 'T'],
  attributes: {},
  elementwise: true,
  infer: (context) => [{ ...inferBroadcast(context), content: combineContents(context, dimQuotient) }],
  evaluate: (context) => {
    const whole = !isFloat(context.input(0).dtype);
    return evaluateBroadcast(context, (a, b) => (whole ? Math.trunc(a! / b!) : a! / b!));
  },
  gradient: ({ g, dy, input, output }) => [
    () => g.op('Div', [dy, input(1)]),
    // d(a/b)/db = −(a/b)/b
    () => g.op('Neg', [g.op('Mul', [g.op('Div', [dy, input(1)]), output(0)])]),
  ],
};
