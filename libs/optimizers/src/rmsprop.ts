import { z } from 'zod';
import { momentum, weightDecay } from './fields.js';
import { defineOptimizer, defineRule } from './optimizer.js';
import type { Value } from '@temper/graph';

interface RmspropSettings {
  readonly rmspropAlpha: number;
  readonly rmspropEpsilon: number;
  readonly centered: boolean;
  readonly momentum: number;
}

/**
 * torch.optim.RMSprop (Hinton's lecture 6e of Neural Networks for Machine Learning):
 *   g ← grad · scale + wd·p,  v ← α v + (1 − α) g²,  u = g / (√v + ε),  p ← p − lr · u
 * Centred (Graves 2013): a ← α a + (1 − α) g, and the root is of v − a². With momentum: b ← μ b + u,  p ← p − lr · b.
 */
const rule = (hasMean: boolean, hasMomentum: boolean) =>
  defineRule<RmspropSettings, string, never>({
    name: ['rmsprop', ...(hasMean ? ['centered'] : []), ...(hasMomentum ? ['momentum'] : [])].join('-'),
    granularity: 'element',
    slots: {
      square_avg: { per: 'element' },
      ...(hasMean && { grad_avg: { per: 'element' } }),
      ...(hasMomentum && { momentum_buffer: { per: 'element' } }),
    },
    scalars: () => ({}),
    build(g, { param, grad, gradScale, learningRate, weightDecay: decay, slots }, settings) {
      const { rmspropAlpha: alpha, rmspropEpsilon: epsilon } = settings;
      const { square_avg: squares, grad_avg: mean, momentum_buffer: buffer } = slots;
      const c = (value: number) => g.scalar('float32', value);
      const averaged = (before: Value, now: Value) =>
        g.op('Add', [g.op('Mul', [before, c(alpha)]), g.op('Mul', [now, c(1 - alpha)])]);
      const gradient = g.op('Add', [g.op('Mul', [grad, gradScale]), g.op('Mul', [param, decay])]);
      const updated: Record<string, Value> = {};
      let variance = (updated.square_avg = averaged(squares!, g.op('Mul', [gradient, gradient])));
      if (mean) {
        const a = (updated.grad_avg = averaged(mean, gradient));
        // Not below 0 by a rounding, where the gradient stays what it is.
        variance = g.op('Relu', [g.op('Sub', [variance, g.op('Mul', [a, a])])]);
      }
      let step = g.op('Div', [gradient, g.op('Add', [g.op('Sqrt', [variance]), c(epsilon)])]);
      if (buffer) {
        step = g.op('Add', [g.op('Mul', [buffer, c(settings.momentum)]), step]);
        updated.momentum_buffer = step;
      }
      return { param: g.op('Sub', [param, g.op('Mul', [step, learningRate])]), slots: updated };
    },
  });

export const rmsprop = defineOptimizer({
  summary: 'torch.optim.RMSprop: steps divided by the root of mean squares, without correction at the start',
  alsoCalled: ['rms_prop', 'rmsprop_bnb'],
  fields: {
    rmspropAlpha: z.number().min(0).lt(1).default(0.99).describe('decay of the mean of squared gradients'),
    rmspropEpsilon: z.number().positive().default(1e-8).describe('added to the root in the denominator'),
    centered: z.boolean().default(false).describe('divides by the deviation: the mean is taken off'),
    ...momentum(0),
    ...weightDecay(0),
  },
  learningRateFactor: 1,
  rule: (_parameter, settings) => rule(settings.centered, settings.momentum > 0),
});
