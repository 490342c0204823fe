import { IGNORED_LABEL, type TokenizedSplit } from '@temper/contracts';
import { argmax } from '../metrics/classification.js';
import type { BatchEvaluation } from '../model.js';

/** What one model makes of each row of a split, in the order of the split: a few bytes a row. */
export class RowResults {
  /** Nats, summed over what is counted of the row. */
  readonly loss: Float32Array;
  /** Of language models: tokens; of classifiers: 1. */
  readonly counted: Int32Array;
  /** Of classifiers: class numbers. */
  readonly predicted: Int32Array | undefined;

  constructor(readonly split: TokenizedSplit) {
    const rows = split.offsets.length - 1;
    this.loss = new Float32Array(rows);
    this.counted = Int32Array.from({ length: rows }, (_, row) => countedIn(split, row));
    this.predicted = split.labelKind === 'class' ? new Int32Array(rows) : undefined;
  }

  get rows(): number {
    return this.loss.length;
  }

  /** `rows` are those of a batch, in its order; the losses of a language model are those of their counted tokens, row by row. */
  add(rows: ArrayLike<number>, { losses, logits }: BatchEvaluation): void {
    // A batch of which nothing is counted was not computed.
    if (!losses) return;
    let at = 0;
    Array.from(rows).forEach((row, i) => {
      let sum = 0;
      for (const end = at + this.counted[row]!; at < end; at++) sum += losses[at]!;
      this.loss[row] = sum;
      if (!logits || !this.predicted) return;
      const classes = logits.length / rows.length;
      this.predicted[row] = argmax(logits, i * classes, classes);
    });
  }
}

/** As batching counts: the first token of a row has nothing that it could be predicted from. */
function countedIn({ labelKind, labels, offsets }: TokenizedSplit, row: number): number {
  if (labelKind === 'class') return 1;
  let counted = 0;
  for (let at = offsets[row]! + 1; at < offsets[row + 1]!; at++) if (labels[at] !== IGNORED_LABEL) counted++;
  return counted;
}
