import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';

export interface CrossEntropy {
  /** Scalar: Σ over rows of −ln p[label]. */
  readonly lossSum: Value;
  /** d lossSum / d logits = softmax − onehot(label); no division, so sums over micro-batches add up. */
  readonly dLogits: Value;
}

/**
 * logits float [rows, classes], labels int32 [rows]. The logarithm of the softmax keeps the loss finite however small p is; the one-hot is
 * never made: −1 is added at each label, into the softmax's own buffer.
 */
export function crossEntropy(g: GraphBuilder, logits: Value, labels: Value): CrossEntropy {
  const logP = g.op('LogSoftmax', [logits], { axis: -1 });
  const column = g.op('Unsqueeze', [labels, g.int64s(-1)]);
  const minusOne = g.op('ConstantOfShape', [g.op('Shape', [column])], { dtype: 'float32', value: -1 });
  const dLogits = g.op('ScatterElements', [g.op('Exp', [logP]), column, minusOne], {
    axis: 1,
    reduction: 'add',
  });
  return { lossSum: crossEntropyLoss(g, logP, column), dLogits };
}

function crossEntropyLoss(g: GraphBuilder, logP: Value, column: Value): Value {
  const own = g.op('GatherElements', [logP, column], { axis: 1 });
  return g.op('Neg', [g.op('ReduceSum', [own], { keepdims: 0 })]);
}

/** The loss alone, for evaluation. */
export function crossEntropySum(g: GraphBuilder, logits: Value, labels: Value): Value {
  return crossEntropyLoss(
    g,
    g.op('LogSoftmax', [logits], { axis: -1 }),
    g.op('Unsqueeze', [labels, g.int64s(-1)]),
  );
}

/** How many rows have their largest logit at the label, as a float scalar. */
export function countCorrect(g: GraphBuilder, logits: Value, labels: Value): Value {
  const best = g.op('ArgMax', [logits], { axis: -1, keepdims: 0 });
  const hit = g.op('Equal', [best, g.op('Cast', [labels], { to: 'int64' })]);
  return g.op('ReduceSum', [g.op('Cast', [hit], { to: 'float32' })], { keepdims: 0 });
}
