import { erf } from '../reference/erf.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';
import { scalarLike } from './gradients.js';

/** x Φ(x), Φ the normal distribution (exact, with erf). */
export const Gelu: OpDefinition<NoAttributes> = {
  domain: 'com.microsoft',
  since: 1,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2))),
  // d(xΦ) = Φ + xφ = ½ (1 + erf u + 2/√π u e^(−u²)), u = x/√2. The constant of the last term is taken into the exponent, and ½ is put
  // on dy, where the product that made dy can take it in: every pass over x counts.
  gradient: ({ g, dy, input }) => [
    () => {
      const c = (value: number) => scalarLike(g, dy, value);
      const u = g.op('Mul', [input(0), c(Math.SQRT1_2)]);
      const bell = g.op('Exp', [g.op('Sub', [c(Math.log(2 / Math.sqrt(Math.PI))), g.op('Mul', [u, u])])]);
      const sum = g.op('Add', [g.op('Erf', [u]), g.op('Mul', [u, bell])]);
      return g.op('Mul', [g.op('Mul', [dy, c(0.5)]), g.op('Add', [sum, c(1)])]);
    },
  ],
};
