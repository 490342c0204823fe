import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';

/** To the nearest whole number, halves to the even one. */
export const Round: OpDefinition<NoAttributes> = {
  domain: '',
  since: 11,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) =>
    evaluateUnary(context, (x) => {
      const below = Math.floor(x);
      const up = x - below > 0.5 || (x - below === 0.5 && below % 2 !== 0);
      return up ? below + 1 : below;
    }),
  // Flat but at halves.
  gradient: 'none',
};
