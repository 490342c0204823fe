import { momentum, nesterov, weightDecay } from './fields.js';
import { defineOptimizer, defineRule, type UpdateInputs } from './optimizer.js';
import type { GraphBuilder, Value } from '@temper/graph';

interface SgdSettings {
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** grad · scale + wd·p */
const penalized = (g: GraphBuilder, { param, grad, gradScale, weightDecay }: UpdateInputs<never, never>) =>
  g.op('Add', [g.op('Mul', [grad, gradScale]), g.op('Mul', [param, weightDecay])]);

const stepped = (g: GraphBuilder, { param, learningRate }: UpdateInputs<never, never>, by: Value) =>
  g.op('Sub', [param, g.op('Mul', [by, learningRate])]);

const plain = defineRule({
  name: 'sgd',
  granularity: 'element',
  slots: {},
  scalars: () => ({}),
  build: (g, inputs, _settings: SgdSettings) => ({
    param: stepped(g, inputs, penalized(g, inputs)),
    slots: {},
  }),
});

/** torch.optim.SGD: b ← μ b + g,  p ← p − lr · b, or p − lr · (g + μ b) with Nesterov's momentum. */
const withMomentum = defineRule({
  name: 'sgd-momentum',
  granularity: 'element',
  slots: { momentum_buffer: { per: 'element' } },
  scalars: () => ({}),
  build(g, inputs, settings: SgdSettings) {
    const mu = g.scalar('float32', settings.momentum);
    const gradient = penalized(g, inputs);
    const buffer = g.op('Add', [g.op('Mul', [inputs.slots.momentum_buffer, mu]), gradient]);
    const by = settings.nesterov ? g.op('Add', [gradient, g.op('Mul', [buffer, mu])]) : buffer;
    return { param: stepped(g, inputs, by), slots: { momentum_buffer: buffer } };
  },
});

export const sgd = defineOptimizer({
  summary: 'torch.optim.SGD: stochastic gradient descent, with momentum',
  alsoCalled: ['momentum', 'sgd_momentum'],
  fields: { ...momentum(0.9), ...nesterov(false), ...weightDecay(0) },
  // Steps are as long as the gradient, not of a length of their own.
  learningRateFactor: 100,
  rule: (_parameter, settings) => (settings.momentum === 0 ? plain : withMomentum),
});
