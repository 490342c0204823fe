export interface ClassMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** Counts only; logits are looked at once and never kept. Averages and zero divisions (0) as in scikit-learn. */
export class ClassificationMetrics {
  /** `confusion[truth][prediction]` */
  private readonly confusion: number[][];
  private examples = 0;
  private lossSum = 0;

  constructor(private readonly labelNames: readonly string[]) {
    this.confusion = labelNames.map(() => new Array<number>(labelNames.length).fill(0));
  }

  /** `logits` [labels.length, classes], row-major; `lossSum` is their summed cross-entropy. */
  add(logits: Float32Array, labels: Int32Array, lossSum: number): void {
    const classes = this.labelNames.length;
    labels.forEach((label, row) => {
      this.confusion[label]![argmax(logits, row * classes, classes)]! += 1;
    });
    this.examples += labels.length;
    this.lossSum += lossSum;
  }

  result(): Record<string, unknown> {
    const all = this.confusion.map((_, k) => this.ofClass(k));
    // As scikit-learn: a class that is neither in the data nor predicted is not averaged over.
    const present = all.filter((m, k) => m.support > 0 || this.confusion.some((row) => row[k]! > 0));
    const mean = (key: 'precision' | 'recall' | 'f1') =>
      present.reduce((sum, m) => sum + m[key], 0) / Math.max(1, present.length);
    const correct = this.confusion.reduce((sum, row, k) => sum + row[k]!, 0);
    const accuracy = ratio(correct, this.examples);
    return {
      loss: ratio(this.lossSum, this.examples),
      accuracy,
      precision: mean('precision'),
      recall: mean('recall'),
      f1: mean('f1'),
      // With one label an example, every false positive is another class's false negative: all micro averages agree.
      f1Micro: accuracy,
      examples: this.examples,
      perClass: Object.fromEntries(this.labelNames.map((name, k) => [name, all[k]!])),
      labels: this.labelNames,
      confusionMatrix: this.confusion.map((row) => [...row]),
    };
  }

  private ofClass(k: number): ClassMetrics {
    const hits = this.confusion[k]![k]!;
    const support = this.confusion[k]!.reduce((a, b) => a + b, 0);
    const predicted = this.confusion.reduce((sum, row) => sum + row[k]!, 0);
    return {
      precision: ratio(hits, predicted),
      recall: ratio(hits, support),
      // F1 = 2·P·R / (P + R) = 2·hits / (predicted + support)
      f1: ratio(2 * hits, predicted + support),
      support,
    };
  }
}

const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);

/** Index of the largest of `data[from .. from + length)`; the first of equals, as torch.argmax on a CPU. */
export function argmax(data: ArrayLike<number>, from: number, length: number): number {
  let best = 0;
  for (let k = 1; k < length; k++) if (data[from + k]! > data[from + best]!) best = k;
  return best;
}
