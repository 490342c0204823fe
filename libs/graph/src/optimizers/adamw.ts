import { GraphBuilder } from '../onnx/builder.js';
import type { Graph } from '../onnx/types.js';
import { optimize } from '../passes/index.js';

export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export interface CompiledOptimizer {
  /**
   * One step over a chunk of flat float32 arrays. Inputs: param, grad, exp_avg, exp_avg_sq [n]; scalars learning_rate, weight_decay,
   * grad_scale (multiplies grad: 1/counted × clip coefficient), bias_correction1 = 1 − β₁ᵗ, bias_correction2 = 1 − β₂ᵗ.
   * Outputs: new_param, new_exp_avg, new_exp_avg_sq [n]. Every operator is elementwise, so an output may be given the buffer of the input
   * it replaces.
   */
  readonly apply: Graph;
  /** Input `values` [n] → `sum_of_squares`, a scalar: the part of a chunk in the square of the norm. */
  readonly norm: Graph;
}

/**
 * torch.optim.AdamW (Loshchilov & Hutter, decoupled weight decay):
 *   m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  p ← p (1 − lr·wd) − lr/c₁ · m / (√v/√c₂ + ε)
 */
export function compileOptimizer(settings: AdamWSettings): CompiledOptimizer {
  return { apply: optimize(applyGraph(settings)), norm: optimize(normGraph()) };
}

function applyGraph({ beta1, beta2, epsilon }: AdamWSettings): Graph {
  const g = new GraphBuilder('adamw');
  const flat = (name: string) => g.input(name, 'float32', ['n']);
  const scalar = (name: string) => g.input(name, 'float32', []);
  const c = (value: number) => g.scalar('float32', value);
  const [param, grad, expAvg, expAvgSq] = [flat('param'), flat('grad'), flat('exp_avg'), flat('exp_avg_sq')];
  const [lr, decay, scale] = [scalar('learning_rate'), scalar('weight_decay'), scalar('grad_scale')];
  const [c1, c2] = [scalar('bias_correction1'), scalar('bias_correction2')];

  // A pass over the chunk is what costs, so scalars are combined first. g is grad · grad_scale:
  // m = β₁ m + ((1 − β₁) · scale) grad,  v = β₂ v + (√(1 − β₂) · scale · grad)²
  const m = g.op('Add', [
    g.op('Mul', [expAvg, c(beta1)]),
    g.op('Mul', [grad, g.op('Mul', [scale, c(1 - beta1)])]),
  ]);
  const root = g.op('Mul', [grad, g.op('Mul', [scale, c(Math.sqrt(1 - beta2))])]);
  const v = g.op('Add', [g.op('Mul', [expAvgSq, c(beta2)]), g.op('Mul', [root, root])]);
  // lr/c₁ · m / (√v/√c₂ + ε) = (lr √c₂/c₁) · m / (√v + ε √c₂)
  const rootC2 = g.op('Sqrt', [c2]);
  const direction = g.op('Div', [m, g.op('Add', [g.op('Sqrt', [v]), g.op('Mul', [rootC2, c(epsilon)])])]);
  const step = g.op('Mul', [direction, g.op('Div', [g.op('Mul', [lr, rootC2]), c1])]);
  const kept = g.op('Mul', [param, g.op('Sub', [c(1), g.op('Mul', [lr, decay])])]);

  g.output(g.op('Sub', [kept, step]), 'new_param');
  g.output(m, 'new_exp_avg');
  g.output(v, 'new_exp_avg_sq');
  return g.build();
}

function normGraph(): Graph {
  const g = new GraphBuilder('norm');
  const values = g.input('values', 'float32', ['n']);
  g.output(g.op('ReduceSumSquare', [values], { keepdims: 0 }), 'sum_of_squares');
  return g.build();
}
