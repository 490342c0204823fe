import type { NoAttributes, OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateUnary, sameAsInput } from './elementwise.js';
import { scalarLike } from './gradients.js';

const A = Math.sqrt(2 / Math.PI);
const B = 0.044715 * A;

/** The tanh approximation: ½x(1 + tanh u), u = √(2/π)(x + 0.044715x³). */
export const FastGelu: OpDefinition<NoAttributes> = {
  domain: 'com.microsoft',
  since: 1,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: {},
  elementwise: true,
  infer: sameAsInput,
  evaluate: (context) => evaluateUnary(context, (x) => 0.5 * x * (1 + Math.tanh(A * x + B * x ** 3))),
  // dy/dx = ½(1 + t) + ½x(1 − t²)u′, t = tanh u, u′ = A + 3Bx²
  gradient: ({ g, dy, input }) => [
    () => {
      const x = input(0);
      const c = (value: number) => scalarLike(g, dy, value);
      const square = g.op('Mul', [x, x]);
      const u = g.op('Mul', [x, g.op('Add', [g.op('Mul', [square, c(B)]), c(A)])]);
      const t = g.op('Tanh', [u]);
      const slope = g.op('Add', [g.op('Mul', [square, c(1.5 * B)]), c(A / 2)]);
      const bend = g.op('Mul', [g.op('Mul', [x, slope]), g.op('Sub', [c(1), g.op('Mul', [t, t])])]);
      const half = g.op('Add', [g.op('Mul', [t, c(0.5)]), c(0.5)]);
      return g.op('Mul', [dy, g.op('Add', [half, bend])]);
    },
  ],
};
