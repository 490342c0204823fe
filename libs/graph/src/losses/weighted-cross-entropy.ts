import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';
import type { LossGradient, TrainedLoss } from './loss.js';
import { addAtLabels, asColumn, ownLogP, ownWeights, weightRow } from './weights.js';

export interface CrossEntropySettings {
  /** ε of Szegedy et al. 2016: so much of each label is spread evenly over all classes. */
  readonly smoothing?: number | undefined;
  /** By class number. */
  readonly weights?: readonly number[] | undefined;
}

/**
 * torch.nn.CrossEntropyLoss with `weight` and `label_smoothing`, before its division by Σ w[label]:
 * Σ over rows of −Σ_c a_c·ln p_c with a_c = (1 − ε)·w_y·[c = y] + ε/K·w_c, whose gradient by the logits is Σ_c a_c·p − a.
 * Without weights that is transformers' LabelSmoother too. logits float [rows, K], labels int32 [rows].
 */
export const weightedCrossEntropyLoss = (settings: CrossEntropySettings): TrainedLoss => ({
  inputs: (logits) => ({ labels: { dtype: 'int32', shape: [logits.shape[0]!] } }),
  gradient: (g, logits, { labels }) => weightedCrossEntropy(g, logits, labels!, settings),
});

function weightedCrossEntropy(
  g: GraphBuilder,
  logits: Value,
  labels: Value,
  { smoothing = 0, weights }: CrossEntropySettings,
): LossGradient {
  const classes = logits.shape[1] as number;
  const column = g.op('Unsqueeze', [labels, g.int64s(-1)]);
  const logP = g.op('LogSoftmax', [logits], { axis: -1 });
  const own = ownLogP(g, logP, column);
  const scalar = (value: number) => g.scalar('float32', value);
  // [rows, 1]
  const ownPart = g.op('Mul', [ownWeights(g, weights, column), scalar(1 - smoothing)]);
  const spread = smoothing / classes;
  // [1, K] or a scalar
  const shared = weights
    ? weightRow(
        g,
        weights.map((weight) => weight * spread),
      )
    : scalar(spread);
  const sharedSum = (weights ? weights.reduce((a, b) => a + b, 0) : classes) * spread;
  const sum = (of: Value) => g.op('ReduceSum', [of], { keepdims: 0 });
  const labelled = sum(g.op('Mul', [own, ownPart]));
  const total = smoothing ? g.op('Add', [labelled, sum(g.op('Mul', [logP, shared]))]) : labelled;
  const scaled = g.op('Mul', [g.op('Exp', [logP]), g.op('Add', [ownPart, scalar(sharedSum)])]);
  const rest = smoothing ? g.op('Sub', [scaled, shared]) : scaled;
  const minusOwn = asColumn(g, g.op('Neg', [ownPart]), column);
  return { lossSum: g.op('Neg', [total]), dLogits: addAtLabels(g, rest, column, minusOwn) };
}
