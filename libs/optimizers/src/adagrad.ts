import { z } from 'zod';
import { weightDecay } from './fields.js';
import { defineOptimizer, defineRule } from './optimizer.js';

interface AdagradSettings {
  readonly adagradEpsilon: number;
  readonly lrDecay: number;
}

/**
 * torch.optim.Adagrad (Duchi, Hazan and Singer 2011, Adaptive Subgradient Methods), from sums of zero:
 *   g ← grad · scale + wd·p,  s ← s + g²,  p ← p − lr / (1 + (t − 1)·decay) · g / (√s + ε)
 */
const rule = defineRule({
  name: 'adagrad',
  granularity: 'element',
  slots: { sum: { per: 'element' } },
  scalars: (step, { lrDecay }: AdagradSettings) => ({ slowed: 1 + (step - 1) * lrDecay }),
  build(g, { param, grad, gradScale, learningRate, weightDecay: decay, slots, scalars }, settings) {
    const gradient = g.op('Add', [g.op('Mul', [grad, gradScale]), g.op('Mul', [param, decay])]);
    const sum = g.op('Add', [slots.sum, g.op('Mul', [gradient, gradient])]);
    const root = g.op('Add', [g.op('Sqrt', [sum]), g.scalar('float32', settings.adagradEpsilon)]);
    const rate = g.op('Div', [learningRate, scalars.slowed]);
    const step = g.op('Mul', [g.op('Div', [gradient, root]), rate]);
    return { param: g.op('Sub', [param, step]), slots: { sum } };
  },
});

export const adagrad = defineOptimizer({
  summary:
    'torch.optim.Adagrad: steps divided by the root of the sum of all squares; it slows down by itself',
  alsoCalled: ['ada_grad', 'adagrad_torch'],
  fields: {
    adagradEpsilon: z.number().positive().default(1e-10).describe('added to the root in the denominator'),
    lrDecay: z.number().min(0).default(0).describe('how much the rate falls with each step, besides'),
    ...weightDecay(0),
  },
  learningRateFactor: 10,
  rule: () => rule,
});
