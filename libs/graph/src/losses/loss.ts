import type { GraphBuilder } from '../onnx/builder.js';
import type { DataType, Dim, Value } from '../onnx/types.js';

/** What is minimised, as nodes behind the `logits` of a forward graph. */
export interface Loss {
  /**
   * What it reads beside logits [rows, columns], by name: `labels` [counted], and of examples with several sequences `label_rows` int32
   * [counted] (the row of the batch that each label is of) and `label_counts` int32 [batch] (the labels of each row).
   */
  inputs(logits: Value): Readonly<Record<string, LossInput>>;
  /** For training: the sum of the losses, and its gradient by the logits; no division, so sums over micro-batches add up. */
  gradient(g: GraphBuilder, logits: Value, inputs: LossValues): LossGradient;
  /** For evaluation, without a gradient. */
  evaluation(g: GraphBuilder, logits: Value, inputs: LossValues): LossEvaluation;
  /** Of losses that compare with the model before training (the input `reference`): what that model itself has of each that is counted. */
  readonly atReference?: KnownEvaluation;
}

/** Of each that is counted: its loss, and its row of each output. */
export interface KnownEvaluation {
  readonly loss: number;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

export interface LossInput {
  readonly dtype: DataType;
  readonly shape: readonly Dim[];
}

/** The declared inputs, by their names. */
export type LossValues = Readonly<Record<string, Value>>;

/** What a training step needs of a loss; evaluations have the task's own. */
export type TrainedLoss = Pick<Loss, 'inputs' | 'gradient'>;

export interface LossGradient {
  /** Scalar: Σ of the losses of the counted rows. */
  readonly lossSum: Value;
  /** d lossSum / d logits, of the shape of the logits. */
  readonly dLogits: Value;
}

export interface LossEvaluation {
  readonly lossSum: Value;
  /** One for each that is counted (of `Batch.counted`); their sum is `lossSum`. */
  readonly losses: Value;
  /** What the task measures besides, by the names of the graph's outputs. */
  readonly outputs: Readonly<Record<string, Value>>;
}
