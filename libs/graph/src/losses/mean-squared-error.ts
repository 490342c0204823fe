import type { Loss } from './loss.js';

/**
 * Σ (x − y)² over rows: with the mean over rows torch's MSELoss, which transformers takes for regression.
 * logits float [rows, 1], labels float [rows]; d/dx = 2·(x − y).
 */
export const meanSquaredErrorLoss: Loss = {
  inputs: (logits) => ({ labels: { dtype: 'float32', shape: [logits.shape[0]!] } }),
  gradient(g, logits, { labels }) {
    const difference = g.op('Sub', [logits, g.op('Unsqueeze', [labels!, g.int64s(-1)])]);
    return {
      lossSum: g.op('ReduceSum', [g.op('Mul', [difference, difference])], { keepdims: 0 }),
      dLogits: g.op('Mul', [difference, g.scalar('float32', 2)]),
    };
  },
  evaluation(g, logits, { labels }) {
    const difference = g.op('Sub', [logits, g.op('Unsqueeze', [labels!, g.int64s(-1)])]);
    const losses = g.op('Mul', [difference, difference]);
    return { lossSum: g.op('ReduceSum', [losses], { keepdims: 0 }), losses, outputs: { logits } };
  },
};
