import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';
import type { Loss, LossGradient } from './loss.js';
import { addAtLabels, ownLogP } from './weights.js';

/**
 * Σ over rows of −ln p[label]. Evaluation gives the logits of each row, or only how many rows have their largest one at the label:
 * of a vocabulary nobody wants to see them all.
 */
export const crossEntropyLoss = (output: 'logits' | 'correct'): Loss => ({
  inputs: (logits) => ({ labels: { dtype: 'int32', shape: [logits.shape[0]!] } }),
  gradient: (g, logits, { labels }) => crossEntropy(g, logits, labels!),
  evaluation(g, logits, { labels: given }) {
    const labels = given!;
    const losses = crossEntropies(g, logits, labels);
    return {
      ...losses,
      outputs: { [output]: output === 'correct' ? countCorrect(g, logits, labels) : logits },
    };
  },
});

/**
 * d lossSum / d logits = softmax − onehot(label). logits float [rows, classes], labels int32 [rows]. The logarithm of the softmax keeps the loss finite however small p is; the one-hot is
 * never made: −1 is added at each label, into the softmax's own buffer.
 */
export function crossEntropy(g: GraphBuilder, logits: Value, labels: Value): LossGradient {
  const logP = g.op('LogSoftmax', [logits], { axis: -1 });
  const column = g.op('Unsqueeze', [labels, g.int64s(-1)]);
  const minusOne = g.op('ConstantOfShape', [g.op('Shape', [column])], { dtype: 'float32', value: -1 });
  const dLogits = addAtLabels(g, g.op('Exp', [logP]), column, minusOne);
  return { lossSum: negativeSum(g, ownLogP(g, logP, column)), dLogits };
}

const negativeSum = (g: GraphBuilder, own: Value): Value =>
  g.op('Neg', [g.op('ReduceSum', [own], { keepdims: 0 })]);

/** The losses alone, for evaluation: their sum, and that of each row as [rows, 1]. */
export function crossEntropies(g: GraphBuilder, logits: Value, labels: Value) {
  const logP = g.op('LogSoftmax', [logits], { axis: -1 });
  const own = ownLogP(g, logP, g.op('Unsqueeze', [labels, g.int64s(-1)]));
  return { lossSum: negativeSum(g, own), losses: g.op('Neg', [own]) };
}

/** How many rows have their largest logit at the label, as a float scalar. */
function countCorrect(g: GraphBuilder, logits: Value, labels: Value): Value {
  const best = g.op('ArgMax', [logits], { axis: -1, keepdims: 0 });
  const hit = g.op('Equal', [best, g.op('Cast', [labels], { to: 'int64' })]);
  return g.op('ReduceSum', [g.op('Cast', [hit], { to: 'float32' })], { keepdims: 0 });
}
