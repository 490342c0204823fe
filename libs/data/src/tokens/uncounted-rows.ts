import { TemperError, type SplitName } from '@temper/contracts';
import type { DroppedRow } from '../cleaning/report.js';
import type { LeftOut } from '../tokenizer/chat/left-out.js';
import type { ChatNotes } from '../tokenizer/chat/render-conversation.js';

/**
 * The examples of a split that are left out: those of which no token counts (they teach nothing and measure nothing), and
 * conversations that the model's chat template cannot write. Beside them, what is told of those that stay.
 */
export class UncountedRows {
  readonly rows: DroppedRow[] = [];
  /** The least length, in tokens, at which one that was cut would count. */
  private needed = Infinity;

  emptyAnswers = 0;
  partsNotWritten = 0;

  constructor(
    private readonly maxLength: number,
    private readonly positions: number,
    private readonly place: (split: SplitName, row: number) => string,
  ) {}

  /** `firstCounted`: the place of the first label that would count if nothing were cut off. */
  add(split: SplitName, row: number, firstCounted: number | undefined): void {
    if (firstCounted !== undefined) this.needed = Math.min(this.needed, firstCounted + 1);
    const reason = firstCounted === undefined ? 'nothingCounted' : 'answerCutOff';
    this.rows.push({ reason, split, row });
  }

  leaveOut(split: SplitName, row: number, { reason, message: why }: LeftOut): void {
    this.rows.push({ reason, split, row, why });
  }

  note(notes: ChatNotes | undefined): void {
    this.emptyAnswers += notes?.emptyAnswers ?? 0;
    this.partsNotWritten += notes?.partsNotWritten ?? 0;
  }

  /** `are left out: the model's chat template does not write the tools` */
  inWords(): string {
    const words: Readonly<Record<string, string>> = {
      answerCutOff: `what stands before their answers fills the ${Math.min(this.maxLength, this.positions)} tokens that an example may have`,
      nothingCounted: 'no token of them is counted',
    };
    const reasons = new Set(this.rows.map(({ reason, why }) => why ?? words[reason] ?? reason));
    return `are left out: ${[...reasons].slice(0, 3).join('; ')}`;
  }

  /** For a split that has no other examples. */
  nothingLeft(name: SplitName): TemperError {
    const refused = this.rows.filter(({ why }) => why !== undefined);
    if (refused.length) return this.nothingWritten(name, refused);
    const shown = this.rows.slice(0, 5).map(({ split, row }) => this.place(split, row));
    const cut = this.needed < Infinity;
    return new TemperError('DATA_INVALID', {
      path: cut ? 'tokenize.maxLength' : 'dataset.columns.labels',
      message:
        `no example of ${name} would count: ` +
        (cut
          ? 'what stands before the answers fills the whole length, so that they are cut off'
          : 'no label is counted'),
      found: `${shown.join(', ')}${this.rows.length > shown.length ? ', …' : ''}`,
      hint: cut ? this.longer() : 'give the examples labels other than −100 after their first token',
    });
  }

  private longer(): string {
    const limit = Math.min(this.maxLength, this.positions);
    if (this.needed > this.positions) return `the model has ${this.positions} positions: shorten the prompts`;
    return `it is ${limit}; the shortest of these prompts needs at least ${this.needed}: raise it, or shorten the prompts`;
  }

  private nothingWritten(name: SplitName, refused: readonly DroppedRow[]): TemperError {
    const words = [...new Set(refused.map(({ why }) => why!))].slice(0, 3);
    const rows = refused.slice(0, 5).map(({ split, row }) => this.place(split, row));
    return new TemperError('DATA_INVALID', {
      path: `dataset.${name}`,
      message: `no conversation of ${name} can be trained on: ${words.join('; ')}`,
      found: `${rows.join(', ')}${refused.length > rows.length ? ', …' : ''}`,
      hint: "write the conversations as the model's chat template takes them, or choose another base model",
    });
  }
}
