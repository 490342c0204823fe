import type { OpDefinition } from './definition.js';
import { floats, int64 } from './element-types.js';
import { withAxes } from './gradients.js';
import { evaluateReduction, inferReduction, reducedAxes, type ReductionAttributes } from './reduction.js';

/** ln(eᵃ + eᵇ) without overflow. */
function addExponents(a: number, b: number): number {
  const [high, low] = a > b ? [a, b] : [b, a];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** ln Σ eˣ; the kernel takes the largest x out first. */
export const ReduceLogSumExp: OpDefinition<ReductionAttributes> = {
  domain: '',
  since: 18,
  inputs: [1, 2],
  outputs: [1, 1],
  types: [floats, int64],
  attributes: { keepdims: 'flag' },
  infer: inferReduction,
  evaluate: (context) => evaluateReduction(context, -Infinity, addExponents),
  // d ln Σeˣ = e^(x − y) dx
  gradient: (context) => [
    () => {
      const { g, dy, input, output, attributes } = context;
      const [axes, keep] = [reducedAxes(context), attributes.keepdims ?? 1];
      const share = g.op('Exp', [g.op('Sub', [input(0), withAxes(g, output(0), axes, keep)])]);
      return g.op('Mul', [share, withAxes(g, dy, axes, keep)]);
    },
    'none',
  ],
};
