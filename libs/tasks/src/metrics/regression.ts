import type { Metrics } from '@temper/contracts';
import type { EvaluatedBatch, Measure, MeasuredRows, MetricAccumulator } from '../task.js';
import { Growing } from './growing.js';
import { pearson, spearman } from './ranks.js';

/** Errors and correlations of predicted numbers: 8 bytes a row. */
export class RegressionMetrics implements MetricAccumulator {
  private readonly truth = new Growing(Float32Array);
  private readonly said = new Growing(Float32Array);
  private lossSum = 0;

  constructor(private readonly output = 'logits') {}

  /** The output is [rows, 1]. */
  add({ labels, lossSum, outputs }: EvaluatedBatch): void {
    for (const [row, label] of labels.entries()) {
      this.truth.push(label);
      this.said.push(outputs[this.output]![row]!);
    }
    this.lossSum += lossSum;
  }

  result(): Metrics {
    const [truth, said] = [this.truth.view(), this.said.view()];
    const examples = truth.length;
    return {
      loss: examples ? this.lossSum / examples : 0,
      ...errorsOf(truth, said),
      pearson: pearson(truth, said),
      spearman: spearman(truth, said),
      examples,
      // Who says the mean of the data whatever the text is.
      chance: { loss: varianceOf(truth), words: 'saying their mean' },
    };
  }
}

function errorsOf(truth: ArrayLike<number>, said: ArrayLike<number>) {
  let [squares, distances] = [0, 0];
  for (let row = 0; row < truth.length; row++) {
    const error = said[row]! - truth[row]!;
    squares += error * error;
    distances += Math.abs(error);
  }
  const rows = Math.max(1, truth.length);
  return { mse: squares / rows, mae: distances / rows };
}

function varianceOf(values: Float32Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, values.length);
}

/** The numbers behind the bits that a split's labels are stored as. */
export const valuesOf = ({ buffer, byteOffset, length }: Int32Array): Float32Array =>
  new Float32Array(buffer, byteOffset, length);

/** Loss, errors and Pearson's correlation of drawn rows, from sums. */
export function regressionOf({ loss, split, predicted }: MeasuredRows): Measure {
  const truth = valuesOf(split.labels);
  const said = predicted!;
  let drawn: number[] = [];
  let sum = 0;
  return {
    metrics: ['loss', 'mse', 'mae', 'pearson'],
    reset() {
      drawn = [];
      sum = 0;
    },
    add(row) {
      drawn.push(row);
      sum += loss[row]!;
    },
    values() {
      const of = (values: ArrayLike<number>) => Float64Array.from(drawn, (row) => values[row]!);
      const [x, y] = [of(truth), of(said)];
      const { mse, mae } = errorsOf(x, y);
      return [sum / drawn.length, mse, mae, pearson(x, y)];
    },
  };
}
