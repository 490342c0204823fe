import type { TokenizedSplit } from '@temper/contracts';
import { countedIn, examplesOf } from '@temper/data';
import type { MeasuredRows, TaskDefinition } from '@temper/tasks';
import type { BatchEvaluation } from '../model.js';

/** What one model makes of each row of a split, in the order of the split: a few bytes a row. */
export class RowResults implements MeasuredRows {
  /** Nats, summed over what is counted of the row. */
  readonly loss: Float32Array;
  /** Rows of logits: of language models one a counted token, of classifiers one. */
  readonly counted: Int32Array;
  /** What the task keeps of each row of logits, one row of the split after the other. */
  readonly predicted: Int32Array | Float32Array | undefined;
  /** Where in `predicted` a row begins. */
  private readonly starts: Int32Array;

  constructor(
    readonly split: TokenizedSplit,
    private readonly task: TaskDefinition,
    private readonly classes: number,
  ) {
    const rows = examplesOf(split);
    this.loss = new Float32Array(rows);
    this.counted = Int32Array.from({ length: rows }, (_, row) => countedIn(split, row));
    this.starts = new Int32Array(rows + 1);
    if (!task.rows) return;
    const width = task.rows.width(classes);
    this.counted.forEach((counted, row) => (this.starts[row + 1] = this.starts[row]! + width * counted));
    const length = this.starts[rows]!;
    this.predicted = task.rows.dtype === 'i32' ? new Int32Array(length) : new Float32Array(length);
  }

  get rows(): number {
    return this.loss.length;
  }

  /** `rows` are those of a batch, in its order; losses and logits are those of what is counted, row by row. */
  add(rows: ArrayLike<number>, { losses, outputs }: BatchEvaluation): void {
    // A batch of which nothing is counted was not computed.
    if (!losses) return;
    let at = 0;
    for (const row of Array.from(rows)) {
      let sum = 0;
      for (let k = 0; k < this.counted[row]!; k++) sum += losses[at + k]!;
      this.loss[row] = sum;
      this.keep(row, at, losses.length, outputs);
      at += this.counted[row]!;
    }
  }

  /** `at`: the row's first row of logits, of so many in the batch. */
  private keep(row: number, at: number, of: number, outputs: BatchEvaluation['outputs']): void {
    const { rows } = this.task;
    const logits = outputs[rows?.output ?? 'logits'];
    if (!rows || !this.predicted || !logits) return;
    const length = logits.length / of;
    const width = rows.width(this.classes);
    for (let k = 0; k < this.counted[row]!; k++)
      rows.write(logits, (at + k) * length, length, this.predicted, this.starts[row]! + k * width);
  }
}
