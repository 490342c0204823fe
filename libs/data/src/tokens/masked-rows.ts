import { TemperError, type SplitName } from '@temper/contracts';

/** Remembers the examples of which no token counts, so that all of them are reported at once. */
export class MaskedRows {
  private readonly rows: { split: SplitName; row: number; needed: number | undefined }[] = [];

  constructor(
    private readonly maxLength: number,
    private readonly positions: number,
  ) {}

  /** `firstCounted`: the place of the first label that would count if nothing were cut off. */
  add(split: SplitName, row: number, firstCounted: number | undefined): void {
    this.rows.push({ split, row, needed: firstCounted === undefined ? undefined : firstCounted + 1 });
  }

  /** @throws TemperError DATA_INVALID */
  throwIfAny(): void {
    if (!this.rows.length) return;
    const cut = this.rows.flatMap(({ needed }) => needed ?? []);
    const hint = cut.length
      ? this.longer(cut.reduce((a, b) => Math.max(a, b)))
      : 'give every example a label other than −100 after its first token';
    const shown = this.rows.slice(0, 5).map(({ split, row }) => `dataset.${split} row ${row}`);
    throw new TemperError('DATA_INVALID', {
      path: cut.length ? 'tokenize.maxLength' : 'dataset.columns.labels',
      message:
        `${this.rows.length} examples would teach nothing: ` +
        (cut.length
          ? 'their prompts alone fill the whole length, so the answers are cut off'
          : 'no label of theirs is counted'),
      found: `${shown.join(', ')}${this.rows.length > shown.length ? ', …' : ''}`,
      hint,
    });
  }

  private longer(needed: number): string {
    const limit = Math.min(this.maxLength, this.positions);
    if (needed > this.positions)
      return `the model has ${this.positions} positions: shorten these prompts, or leave the rows out`;
    return `it is ${limit}; the longest of these prompts needs at least ${needed}: raise it, or leave the rows out`;
  }
}
