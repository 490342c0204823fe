import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';
import { erf } from '../reference/erf.js';
import { scalarLike } from './gradients.js';

export const Erf: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, erf),
  // d erf = 2/√π e^(−x²) dx
  gradient: ({ g, dy, input }) => [
    () => {
      const bell = g.op('Exp', [g.op('Neg', [g.op('Mul', [input(0), input(0)])])]);
      return g.op('Mul', [dy, g.op('Mul', [bell, scalarLike(g, dy, 2 / Math.sqrt(Math.PI))])]);
    },
  ],
};
