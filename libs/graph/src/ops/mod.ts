import { isFloat } from '../onnx/types.js';
import type { OpDefinition } from './definition.js';
import { numbers } from './element-types.js';
import { evaluateBroadcast, inferBroadcast } from './elementwise.js';

export interface ModAttributes {
  /** 1: the remainder has the sign of the dividend, as C's fmod; 0: of the divisor, for whole numbers alone. */
  fmod?: number;
}

export const Mod: OpDefinition<ModAttributes> = {
  domain: '',
  since: 13,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [{ T: numbers }, 'T'],
  attributes: { fmod: 'flag' },
  elementwise: true,
  infer: (context) => {
    if (isFloat(context.input(0).dtype) && context.attributes.fmod !== 1)
      context.fail('attribute fmod has a wrong value', { found: '0', allowed: '1 for floats' });
    return [inferBroadcast(context)];
  },
  evaluate: (context) => {
    const { fmod = 0 } = context.attributes;
    return evaluateBroadcast(context, (a, b) => (fmod ? a! % b! : a! - b! * Math.floor(a! / b!)));
  },
  // y = a − b · trunc(a/b), and the whole quotient is (a − y)/b.
  gradient: ({ g, dy, input, output }) => [
    () => dy,
    () => {
      const quotient = g.op('Div', [g.op('Sub', [input(0), output(0)]), input(1)]);
      return g.op('Neg', [g.op('Mul', [dy, quotient])]);
    },
  ],
};
