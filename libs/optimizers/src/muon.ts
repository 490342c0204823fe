import type { GraphBuilder, Value } from '@temper/graph';
import { z } from 'zod';
import { adamwRule, type AdamSettings } from './adamw.js';
import { adamFields, momentum, nesterov, weightDecay } from './fields.js';
import { defineOptimizer, defineRule } from './optimizer.js';

interface MuonSettings extends AdamSettings {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly nsSteps: number;
  readonly adjustLrFn: 'match_rms_adamw' | 'original' | 'spectral_unclamped';
}

/** Of Keller Jordan's quintic iteration, as in torch.optim.Muon. */
const [A, B, C] = [3.4445, -4.775, 2.0315];
const SMALLEST_NORM = 1e-7;

/**
 * x rounded to bfloat16, in which torch.optim.Muon iterates: Dekker's split at 16 bits, c − (c − x) with c = x (2¹⁶ + 1).
 * In float32 the iteration ends 1–2% elsewhere, as its polynomial is steep on purpose.
 */
function toBfloat16(g: GraphBuilder, x: Value): Value {
  const c = g.op('Mul', [x, g.scalar('float32', 65537)]);
  return g.op('Sub', [c, g.op('Sub', [c, x])]);
}

/** X ← aX + (bG + cG²) X with G = X Xᵀ, from X = M / ‖M‖: towards the nearest orthogonal matrix. */
function orthogonalized(g: GraphBuilder, matrix: Value, steps: number): Value {
  const scaled = (x: Value, by: number) => g.op('Mul', [x, g.scalar('float32', by)]);
  const rounded = toBfloat16(g, matrix);
  const squares = g.op('ReduceSumSquare', [rounded], { keepdims: 0 });
  const norm = g.op('Max', [toBfloat16(g, g.op('Sqrt', [squares])), g.scalar('float32', SMALLEST_NORM)]);
  let x = toBfloat16(g, g.op('Div', [rounded, norm]));
  for (let i = 0; i < steps; i++) {
    const gram = toBfloat16(g, g.op('FusedMatMul', [x, x], { transB: 1 }));
    const squared = g.op('FusedMatMul', [gram, gram], { alpha: C });
    const polynomial = toBfloat16(g, g.op('Add', [scaled(gram, B), squared]));
    x = toBfloat16(g, g.op('Add', [scaled(x, A), g.op('MatMul', [polynomial, x])]));
  }
  return x;
}

/** torch.optim.Muon's _adjust_lr. */
function rateFactor([rows = 1, columns = 1]: readonly number[], how: MuonSettings['adjustLrFn']): number {
  if (how === 'original') return Math.sqrt(Math.max(1, rows / columns));
  if (how === 'spectral_unclamped') return Math.sqrt(rows / columns);
  return 0.2 * Math.sqrt(Math.max(rows, columns));
}

/**
 * torch.optim.Muon (Jordan et al.): b ← μ b + (1 − μ) g, u = (1 − μ) g + μ b with Nesterov's momentum, else b;
 * p ← p (1 − lr·wd) − lr · factor · orthogonalized(u). Of a tall matrix the transpose is iterated, which is smaller.
 */
const ruleOf = (name: string, isTall: boolean) =>
  defineRule({
    name,
    granularity: 'tensor',
    slots: { momentum_buffer: { per: 'element' } },
    scalars: (_step, { adjustLrFn }: MuonSettings, shape) => ({ rate_factor: rateFactor(shape, adjustLrFn) }),
    build(g, { param, grad, gradScale, learningRate, weightDecay: decay, slots, scalars }, settings) {
      const c = (value: number) => g.scalar('float32', value);
      const mu = settings.momentum;
      const gradient = g.op('Mul', [grad, gradScale]);
      const mixed = (x: Value, y: Value, weight: number) =>
        g.op('Add', [x, g.op('Mul', [g.op('Sub', [y, x]), c(weight)])]);
      const buffer = mixed(slots.momentum_buffer, gradient, 1 - mu);
      const towards = settings.nesterov ? mixed(gradient, buffer, mu) : buffer;
      const turned = (x: Value) => (isTall ? g.op('Transpose', [x], { perm: [1, 0] }) : x);
      const update = turned(orthogonalized(g, turned(towards), settings.nsSteps));
      const kept = g.op('Mul', [param, g.op('Sub', [c(1), g.op('Mul', [learningRate, decay])])]);
      const rate = g.op('Mul', [learningRate, scalars.rate_factor]);
      return {
        param: g.op('Sub', [kept, g.op('Mul', [update, rate])]),
        slots: { momentum_buffer: buffer },
      };
    },
  });

const wide = ruleOf('muon', false);
const tall = ruleOf('muon-tall', true);

export const muon = defineOptimizer({
  summary: 'torch.optim.Muon: orthogonalised momentum for the kernels (2-D), AdamW for all else',
  alsoCalled: ['muon_torch'],
  fields: {
    ...momentum(0.95),
    ...nesterov(true),
    nsSteps: z.int().min(1).max(99).default(5).describe('Newton–Schulz iterations'),
    adjustLrFn: z
      .enum(['match_rms_adamw', 'original', 'spectral_unclamped'])
      .default('match_rms_adamw')
      .describe("how long steps are; by default as long as AdamW's, so that one learning rate fits both"),
    ...adamFields,
    ...weightDecay(0.1),
  },
  learningRateFactor: 1,
  rule({ shape, kind }) {
    if (kind !== 'kernel' || shape.length !== 2) return adamwRule;
    return shape[0]! > shape[1]! ? tall : wide;
  },
});
