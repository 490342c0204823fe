import {
  noneDropped,
  splitNames,
  type CleaningReport,
  type DropReason,
  type Example,
  type PipelineSpec,
  type SplitName,
} from '@temper/contracts';
import { createHash } from 'node:crypto';
import { shortened, withDropped } from './report.js';

export type CleanSpec = PipelineSpec['dataset']['clean'];

/** What cleaning remembers of a row; the row itself is read again when it is wanted. */
interface Seen {
  readonly split: SplitName;
  readonly row: number;
  readonly label: string | undefined;
  /** SHA-256 of the text, shortened to 128 bits. */
  readonly key: string;
  readonly text: string;
  reason: DropReason | undefined;
}

/**
 * Decides which rows to leave out, from one pass over them: `add` every row of every split in its order, then `finish`.
 * Memory is a few hundred bytes a row, whatever the length of the texts.
 *
 * - empty: no text (prompt, completion, assistant message), or no label
 * - tooShort, tooLong: fewer than minChars or more than maxChars characters of text
 * - conflictingLabel: the same text with different labels, anywhere: all of them
 * - duplicate: the same row again. The first stays; between splits the one in test stays, then the one in validation,
 *   so that nothing that is tested on has been trained on.
 *
 * Rows that are already tokenised were prepared elsewhere and stay as they are.
 */
export class Cleaner {
  private readonly rows: Record<SplitName, Seen[]> = { train: [], validation: [], test: [] };

  constructor(private readonly spec: CleanSpec) {}

  add(split: SplitName, example: Example): void {
    const rows = this.rows[split];
    const text = contentOf(example);
    rows.push({
      split,
      row: rows.length + 1,
      label: example.label,
      key: example.inputIds ? '' : createHash('sha256').update(text).digest().toString('latin1', 0, 16),
      text: shortened(text),
      reason: this.faultOf(example, text),
    });
  }

  /** Which rows of each split stay, and the report. */
  finish(): { keep: Record<SplitName, Uint8Array>; report: CleaningReport } {
    if (this.spec.dropConflictingLabels) this.markConflicts();
    const leaked = this.spec.dedupe === 'exact' ? this.markDuplicates() : 0;
    const all = splitNames.flatMap((split) => this.rows[split]);
    const read = all.length;
    const everything = { read, kept: read, dropped: noneDropped, leaked, samples: [] };
    const dropped = all.flatMap(({ reason, ...row }) => (reason ? [{ ...row, reason }] : []));
    const keepOf = (split: SplitName) => Uint8Array.from(this.rows[split], (row) => (row.reason ? 0 : 1));
    return {
      keep: { train: keepOf('train'), validation: keepOf('validation'), test: keepOf('test') },
      report: withDropped(everything, dropped),
    };
  }

  private faultOf(example: Example, text: string): DropReason | undefined {
    if (example.inputIds) return undefined;
    const empty = isEmpty(example);
    if (empty) return this.spec.dropEmpty ? 'empty' : undefined;
    if (text.length < this.spec.minChars) return 'tooShort';
    return this.spec.maxChars !== undefined && text.length > this.spec.maxChars ? 'tooLong' : undefined;
  }

  /** Rows that are still in, those first that win over later ones. */
  private *candidates(): Generator<Seen> {
    for (const split of ['test', 'validation', 'train'] as const) {
      for (const row of this.rows[split]) if (!row.reason && row.key) yield row;
    }
  }

  private markConflicts(): void {
    const labels = new Map<string, string>();
    const conflicting = new Set<string>();
    for (const { key, label } of this.candidates()) {
      if (label === undefined) continue;
      const known = labels.get(key);
      if (known === undefined) labels.set(key, label);
      else if (known !== label) conflicting.add(key);
    }
    for (const row of this.candidates()) if (conflicting.has(row.key)) row.reason = 'conflictingLabel';
  }

  /**
   * Marks what repeats within a split. Given splits are the user's choice, so what repeats between them is only counted:
   * answers how many rows are also in an earlier split of test, validation, train.
   */
  private markDuplicates(): number {
    const first = new Map<string, SplitName>();
    const own = new Set<string>();
    let leaked = 0;
    for (const row of this.candidates()) {
      const key = row.label === undefined ? row.key : `${row.key}${row.label}`;
      const known = first.get(key);
      if (known === undefined) first.set(key, row.split);
      else if (known === row.split || own.has(`${row.split}${key}`)) row.reason = 'duplicate';
      else {
        own.add(`${row.split}${key}`);
        leaked++;
      }
    }
    return leaked;
  }
}

/** All text of a row; U+001F between its parts. */
export function contentOf({ text, prompt, completion, messages }: Example): string {
  if (messages) return messages.map(({ role, content }) => `${role}\u001f${content}`).join('\u001f');
  return text ?? `${prompt ?? ''}\u001f${completion ?? ''}`;
}

function isEmpty({ text, label, prompt, completion, messages }: Example): boolean {
  const blank = (part: string | undefined) => part !== undefined && !part.trim();
  if (messages) return !messages.some(({ role, content }) => role === 'assistant' && content.trim());
  return [text, label, prompt, completion].some(blank);
}
