import type { TrainedLoss } from './loss.js';
import { weightRow } from './weights.js';

/**
 * torch's BCEWithLogitsLoss with `pos_weight` w: of each row the mean over its labels of −w·y·ln σ(x) − (1 − y)·ln(1 − σ(x))
 * = (1 − y)·x + (1 + (w − 1)·y)·(ln(1 + exp(−|x|)) + max(−x, 0)); their sum over rows.
 * logits float [rows, labels], labels float [rows, labels] of 0 and 1; d/dx = ((1 − y)·σ(x) − w·y·(1 − σ(x))) / labels.
 */
export const weightedBinaryCrossEntropyLoss = (positive: readonly number[]): TrainedLoss => ({
  inputs: (logits) => ({ labels: { dtype: 'float32', shape: logits.shape } }),
  gradient(g, logits, { labels: given }) {
    const labels = given!;
    const share = g.scalar('float32', 1 / (logits.shape[1] as number));
    const one = g.scalar('float32', 1);
    const absent = g.op('Sub', [one, labels]);
    const present = g.op('Mul', [labels, weightRow(g, positive)]);
    const factor = g.op('Add', [absent, present]);
    const minus = g.op('Neg', [logits]);
    const tail = g.op('Softplus', [g.op('Neg', [g.op('Abs', [logits])])]);
    const unlikely = g.op('Mul', [factor, g.op('Add', [tail, g.op('Relu', [minus])])]);
    const losses = g.op('Add', [g.op('Mul', [absent, logits]), unlikely]);
    // σ(−x) = 1 − σ(x)
    const dLogits = g.op('Sub', [absent, g.op('Mul', [factor, g.op('Sigmoid', [minus])])]);
    return {
      lossSum: g.op('Mul', [g.op('ReduceSum', [losses], { keepdims: 0 }), share]),
      dLogits: g.op('Mul', [dLogits, share]),
    };
  },
});
