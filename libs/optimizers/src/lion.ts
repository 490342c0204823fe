import { z } from 'zod';
import { weightDecay } from './fields.js';
import { defineOptimizer, defineRule } from './optimizer.js';

const decay = z.number().min(0).max(1);

interface LionSettings {
  readonly lionBeta1: number;
  readonly lionBeta2: number;
}

/**
 * lion-pytorch (Chen et al., Symbolic Discovery of Optimization Algorithms):
 *   p ← p (1 − lr·wd) − lr · sign(β₁ m + (1 − β₁) g),  m ← β₂ m + (1 − β₂) g
 */
const rule = defineRule({
  name: 'lion',
  granularity: 'element',
  slots: { exp_avg: { per: 'element' } },
  scalars: () => ({}),
  build(g, { param, grad, gradScale, learningRate, weightDecay: wd, slots }, settings: LionSettings) {
    const c = (value: number) => g.scalar('float32', value);
    const gradient = g.op('Mul', [grad, gradScale]);
    const towards = (beta: number) =>
      g.op('Add', [g.op('Mul', [slots.exp_avg, c(beta)]), g.op('Mul', [gradient, c(1 - beta)])]);
    const sign = g.op('Sign', [towards(settings.lionBeta1)]);
    const kept = g.op('Mul', [param, g.op('Sub', [c(1), g.op('Mul', [learningRate, wd])])]);
    const stepped = g.op('Sub', [kept, g.op('Mul', [sign, learningRate])]);
    return { param: stepped, slots: { exp_avg: towards(settings.lionBeta2) } };
  },
});

export const lion = defineOptimizer({
  summary: 'Lion: steps of equal length in the sign of the momentum; one moment',
  alsoCalled: ['lion_32bit', 'lion_8bit', 'paged_lion_32bit', 'paged_lion_8bit'],
  fields: {
    lionBeta1: decay.default(0.9).describe('share of the momentum in the direction of a step'),
    lionBeta2: decay.default(0.99).describe('decay of the momentum'),
    ...weightDecay(0),
  },
  // The paper: 3 to 10 times smaller than AdamW's.
  learningRateFactor: 0.2,
  rule: () => rule,
});
