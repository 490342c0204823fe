import type { DropReason, RowsOfSource, SplitName } from '@temper/contracts';
import { permutation, site } from '../random.js';

/** A row of train by its source: the source's number from 0, and the row's in it from 1. */
export interface PlacedRow {
  readonly source: number;
  readonly row: number;
}

/** The rows of `train.jsonl` by the source that they are from; of one source that is all there is to say. */
export class SourceRows {
  private readonly dropped: Partial<Record<DropReason, number>>[];
  private readonly examples: number[];

  /** `counts`: rows of each source, in their order; empty where train is one source. */
  constructor(
    private readonly counts: readonly number[] = [],
    private readonly weights: readonly number[] = counts.map(() => 1),
  ) {
    this.dropped = counts.map(() => ({}));
    this.examples = counts.map(() => 0);
  }

  get areSeveral(): boolean {
    return this.counts.length > 0;
  }

  /** Undefined for rows of another split, and where train is one source. `row` counts from 1. */
  of(split: SplitName, row: number): PlacedRow | undefined {
    if (split !== 'train') return undefined;
    let before = 0;
    for (const [source, count] of this.counts.entries()) {
      if (row <= before + count) return { source, row: row - before };
      before += count;
    }
    return undefined;
  }

  /** As errors name a row: `dataset.train row 7`, of several sources `dataset.train.1 row 7`. */
  readonly place = (split: SplitName, row: number): string => {
    const placed = this.of(split, row);
    return placed ? `dataset.${split}.${placed.source} row ${placed.row}` : `dataset.${split} row ${row}`;
  };

  countDropped(split: SplitName, row: number, reason: DropReason): void {
    const placed = this.of(split, row);
    if (!placed) return;
    const counts = this.dropped[placed.source]!;
    counts[reason] = (counts[reason] ?? 0) + 1;
  }

  countExamples(split: SplitName, row: number, examples: number): void {
    const placed = this.of(split, row);
    if (placed) this.examples[placed.source]! += examples;
  }

  /**
   * How often each row of train is seen in an epoch. Of the n rows of a source that are trained on, weight w makes round(w·n) examples (at
   * least one): each row ⌊w⌋ times, and those that are left over, drawn by the seed, once more. Undefined: every row once.
   * @param isTrained by row from 0: it stays, and no other split has it
   */
  times(isTrained: (at: number) => boolean, seed: number): Uint8Array | undefined {
    if (this.weights.every((weight) => weight === 1)) return undefined;
    const times = new Uint8Array(this.counts.reduce((a, b) => a + b, 0));
    let first = 0;
    for (const [source, count] of this.counts.entries()) {
      const rows: number[] = [];
      for (let at = first; at < first + count; at++) if (isTrained(at)) rows.push(at);
      const weight = this.weights[source]!;
      const whole = Math.floor(weight);
      const examples = Math.max(1, Math.round(weight * rows.length));
      for (const at of rows) times[at] = whole;
      const drawn = permutation(rows.length, seed, site.weights, source);
      for (const k of drawn.subarray(0, examples - whole * rows.length)) times[rows[k]!]!++;
      first += count;
    }
    return times;
  }

  /** Undefined where train is one source. */
  report(): RowsOfSource[] | undefined {
    if (!this.areSeveral) return undefined;
    return this.counts.map((rows, i) => {
      const dropped = this.dropped[i]!;
      const kept = rows - Object.values(dropped).reduce((a, b) => a + b, 0);
      return { weight: this.weights[i]!, rows, kept, dropped, examples: this.examples[i]! };
    });
  }
}
