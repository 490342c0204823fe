import type { AdamSettings } from './adamw.js';
import { adamFields, weightDecay } from './fields.js';
import { defineOptimizer, defineRule } from './optimizer.js';

/**
 * torch.optim.Adam (Kingma & Ba): the decay is an L2 penalty, part of the gradient that both moments average:
 *   g ← grad · scale + wd·p,  m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  p ← p − lr/c₁ · m / (√v/√c₂ + ε)
 */
const rule = defineRule({
  name: 'adam',
  granularity: 'element',
  slots: { exp_avg: { per: 'element' }, exp_avg_sq: { per: 'element' } },
  scalars: (step, { adamBeta1, adamBeta2 }: AdamSettings) => ({
    bias_correction1: 1 - adamBeta1 ** step,
    bias_correction2: 1 - adamBeta2 ** step,
  }),
  build(g, { param, grad, gradScale, learningRate, weightDecay: decay, slots, scalars }, settings) {
    const { adamBeta1: beta1, adamBeta2: beta2, adamEpsilon: epsilon } = settings;
    const c = (value: number) => g.scalar('float32', value);
    const penalized = g.op('Add', [g.op('Mul', [grad, gradScale]), g.op('Mul', [param, decay])]);
    const m = g.op('Add', [g.op('Mul', [slots.exp_avg, c(beta1)]), g.op('Mul', [penalized, c(1 - beta1)])]);
    const root = g.op('Mul', [penalized, c(Math.sqrt(1 - beta2))]);
    const v = g.op('Add', [g.op('Mul', [slots.exp_avg_sq, c(beta2)]), g.op('Mul', [root, root])]);
    const rootC2 = g.op('Sqrt', [scalars.bias_correction2]);
    const direction = g.op('Div', [m, g.op('Add', [g.op('Sqrt', [v]), g.op('Mul', [rootC2, c(epsilon)])])]);
    const rate = g.op('Div', [g.op('Mul', [learningRate, rootC2]), scalars.bias_correction1]);
    return {
      param: g.op('Sub', [param, g.op('Mul', [direction, rate])]),
      slots: { exp_avg: m, exp_avg_sq: v },
    };
  },
});

export const adam = defineOptimizer({
  summary: 'torch.optim.Adam: weight decay is part of the gradient',
  alsoCalled: ['adam_torch'],
  fields: { ...adamFields, ...weightDecay(0) },
  learningRateFactor: 1,
  rule: () => rule,
});
