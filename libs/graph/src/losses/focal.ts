import type { TrainedLoss } from './loss.js';
import { addAtLabels, asColumn, ownLogP, ownWeights } from './weights.js';

export interface FocalSettings {
  /** γ: how fast a row that is right already stops to count. */
  readonly gamma: number;
  /** α, by class number. */
  readonly weights?: readonly number[] | undefined;
}

/** The least 1 − p that is raised to a power: γ − 1 may be negative, and float32 rounds p to 1. */
const LEAST = 1e-12;

/**
 * Focal loss (Lin et al. 2017, equation 5) with the softmax's p of the label: Σ over rows of −α_y·(1 − p)^γ·ln p.
 * Its derivative by ln p is −c with c = α_y·((1 − p)^γ − γ·p·(1 − p)^(γ − 1)·ln p) ≥ 0, so that by the logits it is
 * c·(softmax − onehot): the cross entropy's, scaled. logits float [rows, classes], labels int32 [rows].
 */
export const focalLoss = ({ gamma, weights }: FocalSettings): TrainedLoss => ({
  inputs: (logits) => ({ labels: { dtype: 'int32', shape: [logits.shape[0]!] } }),
  gradient(g, logits, { labels: given }) {
    const labels = given!;
    const column = g.op('Unsqueeze', [labels, g.int64s(-1)]);
    const scalar = (value: number) => g.scalar('float32', value);
    const logP = g.op('LogSoftmax', [logits], { axis: -1 });
    const own = ownLogP(g, logP, column);
    const p = g.op('Exp', [own]);
    const missing = g.op('Max', [g.op('Sub', [scalar(1), p]), scalar(LEAST)]);
    const power = g.op('Pow', [missing, scalar(gamma)]);
    const slope = g.op('Mul', [g.op('Pow', [missing, scalar(gamma - 1)]), scalar(gamma)]);
    const alpha = ownWeights(g, weights, column);
    const inner = g.op('Sub', [power, g.op('Mul', [slope, g.op('Mul', [p, own])])]);
    const scale = g.op('Mul', [inner, alpha]);
    const losses = g.op('Mul', [g.op('Mul', [power, own]), alpha]);
    const scaled = g.op('Mul', [g.op('Exp', [logP]), scale]);
    return {
      lossSum: g.op('Neg', [g.op('ReduceSum', [losses], { keepdims: 0 })]),
      dLogits: addAtLabels(g, scaled, column, asColumn(g, g.op('Neg', [scale]), column)),
    };
  },
});
