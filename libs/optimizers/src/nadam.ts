import { z } from 'zod';
import { adamFields, weightDecay } from './fields.js';
import { defineOptimizer, defineRule } from './optimizer.js';
import type { AdamSettings } from './adamw.js';

interface NadamSettings extends AdamSettings {
  readonly momentumDecay: number;
  readonly decoupledWeightDecay: boolean;
}

/** μₜ = β₁ (1 − ½ · 0.96^(t·ψ)) */
const momentumAt = (step: number, { adamBeta1, momentumDecay }: NadamSettings) =>
  adamBeta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));

/** μ₁ · … · μₜ, to float64's accuracy beside 1: factors are below β₁. */
function momentumProduct(step: number, settings: NadamSettings): number {
  let product = 1;
  for (let i = 1; i <= step && product > 1e-20; i++) product *= momentumAt(i, settings);
  return product;
}

/**
 * torch.optim.NAdam (Dozat 2016, Incorporating Nesterov Momentum into Adam): Adam whose step is from where the momentum will lead:
 *   p ← p − lr · [(1 − μₜ)/(1 − Πμ) · g + μₜ₊₁/(1 − μₜ₊₁·Πμ) · m] / (√(v/c₂) + ε),  c₂ = 1 − β₂ᵗ
 */
const rule = defineRule({
  name: 'nadam',
  granularity: 'element',
  slots: { exp_avg: { per: 'element' }, exp_avg_sq: { per: 'element' } },
  scalars(step, settings: NadamSettings) {
    const product = momentumProduct(step, settings);
    const next = momentumAt(step + 1, settings);
    return {
      of_gradient: (1 - momentumAt(step, settings)) / (1 - product),
      of_momentum: next / (1 - product * next),
      bias_correction2: 1 - settings.adamBeta2 ** step,
    };
  },
  build(g, { param, grad, gradScale, learningRate, weightDecay: decay, slots, scalars }, settings) {
    const { adamBeta1: beta1, adamBeta2: beta2, adamEpsilon: epsilon, decoupledWeightDecay } = settings;
    const c = (value: number) => g.scalar('float32', value);
    const scaled = g.op('Mul', [grad, gradScale]);
    const gradient = decoupledWeightDecay ? scaled : g.op('Add', [scaled, g.op('Mul', [param, decay])]);
    const kept = decoupledWeightDecay
      ? g.op('Mul', [param, g.op('Sub', [c(1), g.op('Mul', [learningRate, decay])])])
      : param;
    const m = g.op('Add', [g.op('Mul', [slots.exp_avg, c(beta1)]), g.op('Mul', [gradient, c(1 - beta1)])]);
    const root = g.op('Mul', [gradient, c(Math.sqrt(1 - beta2))]);
    const v = g.op('Add', [g.op('Mul', [slots.exp_avg_sq, c(beta2)]), g.op('Mul', [root, root])]);
    const ahead = g.op('Add', [
      g.op('Mul', [gradient, scalars.of_gradient]),
      g.op('Mul', [m, scalars.of_momentum]),
    ]);
    const rootC2 = g.op('Sqrt', [scalars.bias_correction2]);
    const direction = g.op('Div', [
      ahead,
      g.op('Add', [g.op('Sqrt', [v]), g.op('Mul', [rootC2, c(epsilon)])]),
    ]);
    const rate = g.op('Mul', [learningRate, rootC2]);
    return {
      param: g.op('Sub', [kept, g.op('Mul', [direction, rate])]),
      slots: { exp_avg: m, exp_avg_sq: v },
    };
  },
});

export const nadam = defineOptimizer({
  summary: 'torch.optim.NAdam: Adam with Nesterov’s momentum; weight decay is part of the gradient',
  alsoCalled: ['nadam_torch', 'nesterov_adam'],
  fields: {
    ...adamFields,
    momentumDecay: z.number().min(0).default(4e-3).describe('how soon the momentum grows to adamBeta1'),
    decoupledWeightDecay: z.boolean().default(false).describe('weight decay as AdamW has it'),
    ...weightDecay(0),
  },
  learningRateFactor: 1,
  rule: () => rule,
});
