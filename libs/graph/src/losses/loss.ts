import type { GraphBuilder } from '../onnx/builder.js';
import type { DataType, Dim, Value } from '../onnx/types.js';

/** What is minimised, as nodes behind the `logits` of a forward graph. */
export interface Loss {
  /** The input `labels`, for logits [rows, columns]. */
  labels(logits: Value): { readonly dtype: DataType; readonly shape: readonly Dim[] };
  /** For training: the sum of the losses, and its gradient by the logits; no division, so sums over micro-batches add up. */
  gradient(g: GraphBuilder, logits: Value, labels: Value): LossGradient;
  /** For evaluation, without a gradient. */
  evaluation(g: GraphBuilder, logits: Value, labels: Value): LossEvaluation;
}

export interface LossGradient {
  /** Scalar: Σ of the losses of the counted rows. */
  readonly lossSum: Value;
  /** d lossSum / d logits, of the shape of the logits. */
  readonly dLogits: Value;
}

export interface LossEvaluation {
  readonly lossSum: Value;
  /** One for each counted row; their sum is `lossSum`. */
  readonly losses: Value;
  /** What the task measures besides, by the names of the graph's outputs. */
  readonly outputs: Readonly<Record<string, Value>>;
}
