import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';
import type { Loss } from './loss.js';

/**
 * Of each row the mean over its labels of −y·ln σ(x) − (1 − y)·ln(1 − σ(x)) = max(x, 0) − x·y + ln(1 + exp(−|x|)), which no x makes
 * infinite; their sum over rows. With the mean over rows torch's BCEWithLogitsLoss, which transformers takes for several labels.
 * logits float [rows, labels], labels float [rows, labels] of 0 and 1; d/dx = (σ(x) − y) / labels.
 */
export const binaryCrossEntropyLoss: Loss = {
  inputs: (logits) => ({ labels: { dtype: 'float32', shape: logits.shape } }),
  gradient(g, logits, { labels: given }) {
    const labels = given!;
    const count = logits.shape[1] as number;
    const difference = g.op('Sub', [g.op('Sigmoid', [logits]), labels]);
    return {
      lossSum: g.op('ReduceSum', [rowLosses(g, logits, labels)], { keepdims: 0 }),
      dLogits: g.op('Mul', [difference, g.scalar('float32', 1 / count)]),
    };
  },
  evaluation(g, logits, { labels }) {
    const losses = rowLosses(g, logits, labels!);
    return { lossSum: g.op('ReduceSum', [losses], { keepdims: 0 }), losses, outputs: { logits } };
  },
};

/** [rows] */
function rowLosses(g: GraphBuilder, logits: Value, labels: Value): Value {
  const positive = g.op('Sub', [g.op('Relu', [logits]), g.op('Mul', [logits, labels])]);
  const tail = g.op('Softplus', [g.op('Neg', [g.op('Abs', [logits])])]);
  return g.op('ReduceMean', [g.op('Add', [positive, tail]), g.int64s(1)], { keepdims: 0 });
}
