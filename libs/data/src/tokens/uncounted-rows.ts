import { TemperError, type CleaningReport, type Example, type SplitName } from '@temper/contracts';
import { contentOf, SAMPLES_PER_REASON, shortened } from '../cleaning/clean.js';

interface Uncounted {
  readonly split: SplitName;
  readonly row: number;
  readonly text: string;
  /** The length that the example would need, in tokens; undefined where no label of it is counted at any length. */
  readonly needed: number | undefined;
}

/** The examples of which no token counts: they teach nothing and measure nothing, so they are left out and reported. */
export class UncountedRows {
  private readonly rows: Uncounted[] = [];

  constructor(
    private readonly maxLength: number,
    private readonly positions: number,
  ) {}

  /** `firstCounted`: the place of the first label that would count if nothing were cut off. */
  add(split: SplitName, row: number, example: Example, firstCounted: number | undefined): void {
    const needed = firstCounted === undefined ? undefined : firstCounted + 1;
    const text = example.inputIds ? '' : shortened(contentOf(example));
    this.rows.push({ split, row, text, needed });
  }

  /** The report of cleaning, which came before, with these rows. */
  addTo(report: CleaningReport): CleaningReport {
    const cut = this.rows.filter(({ needed }) => needed !== undefined);
    const masked = this.rows.filter(({ needed }) => needed === undefined);
    const samplesOf = (reason: string, rows: readonly Uncounted[]) =>
      rows.slice(0, SAMPLES_PER_REASON).map(({ split, row, text }) => ({ reason, split, row, text }));
    return {
      ...report,
      kept: report.kept - this.rows.length,
      dropped: { ...report.dropped, answerCutOff: cut.length, nothingCounted: masked.length },
      samples: [...report.samples, ...samplesOf('answerCutOff', cut), ...samplesOf('nothingCounted', masked)],
    };
  }

  /** For a split of which these were all examples. */
  nothingLeft(split: SplitName): TemperError {
    const cut = this.rows.flatMap(({ needed }) => needed ?? []);
    const shown = this.rows.slice(0, 5).map(({ split, row }) => `dataset.${split} row ${row}`);
    return new TemperError('DATA_INVALID', {
      path: cut.length ? 'tokenize.maxLength' : 'dataset.columns.labels',
      message:
        `no example of ${split} would count: ` +
        (cut.length
          ? 'the prompts alone fill the whole length, so the answers are cut off'
          : 'no label is counted'),
      found: `${shown.join(', ')}${this.rows.length > shown.length ? ', …' : ''}`,
      hint: cut.length
        ? this.longer(cut.reduce((a, b) => Math.min(a, b)))
        : 'give the examples labels other than −100 after their first token',
    });
  }

  private longer(needed: number): string {
    const limit = Math.min(this.maxLength, this.positions);
    if (needed > this.positions) return `the model has ${this.positions} positions: shorten the prompts`;
    return `it is ${limit}; the shortest of these prompts needs at least ${needed}: raise it, or shorten the prompts`;
  }
}
