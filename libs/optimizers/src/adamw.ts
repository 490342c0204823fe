import { adamFields, weightDecay } from './fields.js';
import { defineOptimizer, defineRule, type Slot } from './optimizer.js';

export interface AdamSettings {
  readonly adamBeta1: number;
  readonly adamBeta2: number;
  readonly adamEpsilon: number;
}

/**
 * torch.optim.AdamW (Loshchilov & Hutter, decoupled weight decay):
 *   m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  p ← p (1 − lr·wd) − lr/c₁ · m / (√v/√c₂ + ε)
 */
const ruleOf = (name: string, slots: Readonly<Record<'exp_avg' | 'exp_avg_sq', Slot>>) =>
  defineRule({
    name,
    granularity: 'element',
    slots,
    scalars: (step, { adamBeta1, adamBeta2 }: AdamSettings) => ({
      bias_correction1: 1 - adamBeta1 ** step,
      bias_correction2: 1 - adamBeta2 ** step,
    }),
    build(g, inputs, { adamBeta1: beta1, adamBeta2: beta2, adamEpsilon: epsilon }) {
      const { param, grad, gradScale: scale, learningRate: lr, weightDecay: decay, slots, scalars } = inputs;
      const { bias_correction1: c1, bias_correction2: c2 } = scalars;
      const c = (value: number) => g.scalar('float32', value);
      // A pass over the chunk is what costs, so scalars are combined first. g is grad · gradScale:
      // m = β₁ m + ((1 − β₁) · scale) grad,  v = β₂ v + (√(1 − β₂) · scale · grad)²
      const m = g.op('Add', [
        g.op('Mul', [slots.exp_avg, c(beta1)]),
        g.op('Mul', [grad, g.op('Mul', [scale, c(1 - beta1)])]),
      ]);
      const root = g.op('Mul', [grad, g.op('Mul', [scale, c(Math.sqrt(1 - beta2))])]);
      const v = g.op('Add', [g.op('Mul', [slots.exp_avg_sq, c(beta2)]), g.op('Mul', [root, root])]);
      // lr/c₁ · m / (√v/√c₂ + ε) = (lr √c₂/c₁) · m / (√v + ε √c₂)
      const rootC2 = g.op('Sqrt', [c2]);
      const direction = g.op('Div', [m, g.op('Add', [g.op('Sqrt', [v]), g.op('Mul', [rootC2, c(epsilon)])])]);
      const step = g.op('Mul', [direction, g.op('Div', [g.op('Mul', [lr, rootC2]), c1])]);
      const kept = g.op('Mul', [param, g.op('Sub', [c(1), g.op('Mul', [lr, decay])])]);
      return { param: g.op('Sub', [kept, step]), slots: { exp_avg: m, exp_avg_sq: v } };
    },
  });

export const adamwRule = ruleOf('adamw', { exp_avg: { per: 'element' }, exp_avg_sq: { per: 'element' } });

/** The same arithmetic over moments that are stored in another way. */
export const adamwRuleWith = ruleOf;

export const adamw = defineOptimizer({
  summary: 'torch.optim.AdamW: Adam with decoupled weight decay',
  alsoCalled: [
    'adamw_torch',
    'adamw_torch_fused',
    'adamw_hf',
    'adamw_apex_fused',
    'paged_adamw',
    'paged_adamw_32bit',
  ],
  fields: { ...adamFields, ...weightDecay(0.01) },
  learningRateFactor: 1,
  rule: () => adamwRule,
});
