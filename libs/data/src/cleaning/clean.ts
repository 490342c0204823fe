import {
  noneDropped,
  splitNames,
  TemperError,
  type CleaningReport,
  type DropReason,
  type Example,
  type SplitName,
} from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import { isContradictory, isEmpty, textOf, tokensOf } from './content.js';
import { DigestList } from './digest-list.js';
import { byteList, IntList } from './int-list.js';
import type { SourceRows } from '../stages/source-rows.js';
import { withDropped, type DroppedRow } from './report.js';

export type CleanSpec = PipelineSpec['dataset']['clean'];

/** By number; −1 stands for no reason, the row stays. */
const reasons = Object.keys(noneDropped) as DropReason[];
const STAYS = -1;
const NO_LABEL = -1;

/** What cleaning remembers of the rows of a split; a row itself is read again when it is wanted. */
interface Seen {
  readonly contents: IntList;
  readonly labels: IntList;
  readonly reasons: IntList<Int8Array>;
}

/** The text of a row (from 1), read again. */
export type ReadText = (split: SplitName, row: number) => string;

/**
 * Decides which rows to leave out, from one pass over them: `add` every row of every split in its order, then `finish`.
 * Memory is some twenty bytes a row, whatever the length of the texts.
 *
 * - empty: no text (prompt, completion, assistant message), or no label
 * - tooShort, tooLong: fewer than minChars or more than maxChars characters of text
 * - conflictingLabel: the same text with different labels, anywhere: all of them; an answer that is chosen and rejected
 * - duplicate: the same row again in its split. The first stays.
 *
 * Given splits are the user's choice: what repeats between them stays, and is reported as a leak. Rows that are already
 * tokenised were prepared elsewhere and stay as they are.
 */
export class Cleaner implements Disposable {
  private readonly rows: Record<SplitName, Seen> = { train: noRows(), validation: noRows(), test: noRows() };
  private readonly digests = new DigestList();
  private readonly labelNumbers = new Map<string, number>();
  /** Lists of tags are rarely equal: of them digests alone are kept. */
  private readonly tagLists = new DigestList();
  private areNumbered = false;
  private tokenised = false;

  constructor(private readonly spec: CleanSpec) {}

  add(split: SplitName, example: Example): void {
    const { contents, labels, reasons: why } = this.rows[split];
    const { label, tags } = example;
    const text = textOf(example);
    const tokens = tokensOf(example);
    // Tokens are written as bytes that no text begins with.
    const content = tokens ? Buffer.from(Int32Array.of(-1, ...tokens).buffer) : text;
    contents.push(this.digests.push(content));
    if (tags) labels.push(this.tagLists.push(JSON.stringify(tags)));
    else labels.push(label === undefined ? NO_LABEL : this.numberOfLabel(label));
    const fault = tokens ? undefined : this.faultOf(example, text);
    why.push(fault === undefined ? STAYS : reasons.indexOf(fault));
    if (tokens) this.tokenised = true;
  }

  /** Numbers of the contents of a split's rows: equal texts have equal numbers, in all splits. */
  contents(split: SplitName): Int32Array {
    this.number();
    return this.rows[split].contents.view();
  }

  /** @throws TemperError DATA_INVALID where no row of a split stays: how many went for which reason */
  requireRows(split: SplitName): void {
    const all = this.rows[split].reasons.view();
    if (!all.length || all.includes(STAYS)) return;
    const counts = reasons.map((reason, number) => ({
      reason,
      count: all.filter((r) => r === number).length,
    }));
    throw new TemperError('DATA_INVALID', {
      path: `dataset.${split}`,
      message: `cleaning leaves no row of the ${all.length}`,
      found: counts.flatMap(({ reason, count }) => (count ? [`${count} ${reason}`] : [])).join(', '),
      hint: 'see dataset.clean for what is dropped',
    });
  }

  /** After all rows: marks those that others make superfluous. */
  decide(): void {
    this.number();
    if (this.tokenised) return;
    if (this.spec.dropConflictingLabels) this.markConflicts();
    if (this.spec.dedupe !== 'none') for (const split of splitNames) this.markDuplicates(this.rows[split]);
  }

  /** Whether a row (from 1) is still in. */
  stays(split: SplitName, row: number): boolean {
    return this.rows[split].reasons.get(row - 1) === STAYS;
  }

  /** Equal labels have equal numbers. */
  labelNumber(split: SplitName, row: number): number {
    return this.rows[split].labels.get(row - 1);
  }

  drop(split: SplitName, row: number, reason: DropReason): void {
    this.rows[split].reasons.set(row - 1, reasons.indexOf(reason));
  }

  /** Which rows of each split stay, and the report. */
  finish(
    readText: ReadText,
    sources?: SourceRows,
  ): { keep: Record<SplitName, Uint8Array>; report: CleaningReport } {
    const keepOf = (split: SplitName) =>
      Uint8Array.from(this.rows[split].reasons.view(), (reason) => (reason === STAYS ? 1 : 0));
    const read = splitNames.reduce((sum, split) => sum + this.rows[split].reasons.length, 0);
    const everything = { read, kept: read, dropped: noneDropped, samples: [] };
    return {
      keep: { train: keepOf('train'), validation: keepOf('validation'), test: keepOf('test') },
      report: withDropped(everything, this.dropped(), readText, sources),
    };
  }

  /** Of what was not decided the digests are let go. */
  [Symbol.dispose](): void {
    this.digests[Symbol.dispose]();
    this.tagLists[Symbol.dispose]();
  }

  private *dropped(): Generator<DroppedRow> {
    for (const split of splitNames) {
      for (const [at, reason] of this.rows[split].reasons.view().entries()) {
        if (reason !== STAYS) yield { reason: reasons[reason]!, split, row: at + 1 };
      }
    }
  }

  /** Once all rows are there: equal contents get one number, that of the first row that has it, and so do equal lists of tags. */
  private number(): void {
    if (this.areNumbered) return;
    this.areNumbered = true;
    const first = this.digests.firsts();
    const tags = this.tagLists.length ? this.tagLists.firsts() : undefined;
    for (const split of splitNames) {
      const { contents, labels } = this.rows[split];
      for (let at = 0; at < contents.length; at++) {
        contents.set(at, first[contents.get(at)]!);
        if (tags) labels.set(at, tags[labels.get(at)]!);
      }
    }
  }

  private numberOfLabel(label: string): number {
    const known = this.labelNumbers.get(label);
    if (known !== undefined) return known;
    this.labelNumbers.set(ownText(label), this.labelNumbers.size);
    return this.labelNumbers.size - 1;
  }

  private faultOf(example: Example, text: string): DropReason | undefined {
    if (isEmpty(example)) return this.spec.dropEmpty ? 'empty' : undefined;
    if (this.spec.dropConflictingLabels && isContradictory(example)) return 'conflictingLabel';
    if (text.length < this.spec.minChars) return 'tooShort';
    return this.spec.maxChars !== undefined && text.length > this.spec.maxChars ? 'tooLong' : undefined;
  }

  private markConflicts(): void {
    const MANY = -2;
    const labelOf = new Int32Array(this.digests.length).fill(NO_LABEL);
    this.eachThatStays((content, label) => {
      if (label === NO_LABEL || labelOf[content] === MANY) return;
      if (labelOf[content] === NO_LABEL) labelOf[content] = label;
      else if (labelOf[content] !== label) labelOf[content] = MANY;
    });
    const conflicting = reasons.indexOf('conflictingLabel');
    this.eachThatStays((content, _, seen, at) => {
      if (labelOf[content] === MANY) seen.reasons.set(at, conflicting);
    });
  }

  private eachThatStays(visit: (content: number, label: number, seen: Seen, at: number) => void): void {
    for (const split of splitNames) {
      const seen = this.rows[split];
      for (let at = 0; at < seen.reasons.length; at++) {
        if (seen.reasons.get(at) === STAYS) visit(seen.contents.get(at), seen.labels.get(at), seen, at);
      }
    }
  }

  private markDuplicates({ contents, labels, reasons: why }: Seen): void {
    const UNSEEN = -2;
    const labelOf = new Int32Array(this.digests.length).fill(UNSEEN);
    // Of contents that have several labels, where such conflicts stay.
    const others = new Set<number>();
    const many = Math.max(this.labelNumbers.size, this.tagLists.length) + 1;
    const duplicate = reasons.indexOf('duplicate');
    for (let at = 0; at < why.length; at++) {
      if (why.get(at) !== STAYS) continue;
      const [content, label] = [contents.get(at), labels.get(at)];
      // One number of both: they are numbered from 0, and their product is a whole number of a double.
      const key = content * many + label + 1;
      if (labelOf[content] === UNSEEN) labelOf[content] = label;
      else if (labelOf[content] === label || others.has(key)) why.set(at, duplicate);
      else others.add(key);
    }
  }
}

const noRows = (): Seen => ({ contents: new IntList(), labels: new IntList(), reasons: byteList() });

/** The same text by itself: what is read may be a window into the text of a whole file, which it would keep. */
export const ownText = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');
