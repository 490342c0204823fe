/**
 * How often each class was taken for which. Counts of classes are kept whole, of pairs of classes only those that occur: of
 * 5,000 classes there are 25 million pairs, of which the rows of a split touch few.
 */
export class Confusion {
  /** Rows of each class in the data. */
  readonly support: Int32Array;
  /** Rows that the model takes for it. */
  readonly predicted: Int32Array;
  /** Rows of the class that it takes for it. */
  readonly hits: Int32Array;
  private readonly pairs = new Map<number, number>();

  constructor(readonly classes: number) {
    this.support = new Int32Array(classes);
    this.predicted = new Int32Array(classes);
    this.hits = new Int32Array(classes);
  }

  add(truth: number, prediction: number): void {
    this.support[truth]!++;
    this.predicted[prediction]!++;
    if (truth === prediction) this.hits[truth]!++;
    const pair = truth * this.classes + prediction;
    this.pairs.set(pair, (this.pairs.get(pair) ?? 0) + 1);
  }

  /** `[truth][prediction]` */
  matrix(): number[][] {
    const rows = Array.from({ length: this.classes }, () => new Array<number>(this.classes).fill(0));
    for (const [pair, count] of this.pairs) {
      rows[Math.floor(pair / this.classes)]![pair % this.classes] = count;
    }
    return rows;
  }

  /** `[truth, prediction, count]` of the pairs that occur, the most frequent first. */
  counts(): [number, number, number][] {
    return [...this.pairs]
      .map(([pair, count]): [number, number, number] => [
        Math.floor(pair / this.classes),
        pair % this.classes,
        count,
      ])
      .sort((a, b) => b[2] - a[2] || a[0] - b[0] || a[1] - b[1]);
  }
}
