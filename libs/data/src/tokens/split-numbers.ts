import type { LabelKind, Passage, SplitName, TokenizedSplit } from '@temper/contracts';
import { basename, join } from 'node:path';
import { fileOf, passagesOf, type ArrayName } from '../batching/token-files.js';
import { LineFile } from './line-file.js';
import { NumberFile, type Numbers } from './number-file.js';
import { TokenList } from './token-list.js';

/** Where the numbers of a split go. */
export interface SplitNumbers extends Readonly<Record<ArrayName, Numbers>> {
  /** Of spans: the text, which evaluations read. */
  addPassage(passage: Passage): void;
}

/** In memory, without passages. */
export class TokenLists implements SplitNumbers {
  readonly inputIds = new TokenList();
  readonly labels = new TokenList();
  readonly offsets = new TokenList();
  readonly tokenTypes = new TokenList();

  addPassage(): void {
    // Nothing is evaluated by what is in memory.
  }

  split(labelKind: LabelKind, sequencesPerExample?: number): TokenizedSplit {
    const { inputIds, labels, offsets } = this;
    return {
      ...{ labelKind, sequencesPerExample },
      ...{ inputIds: inputIds.toArray(), labels: labels.toArray(), offsets: offsets.toArray() },
    };
  }
}

/** In the files that `readTokens` reads, as they come. */
export class SplitFiles implements SplitNumbers, Disposable {
  readonly inputIds: NumberFile;
  readonly labels: NumberFile;
  readonly offsets: NumberFile;
  readonly tokenTypes: NumberFile;
  private readonly passages: LineFile;
  private readonly all: readonly (NumberFile | LineFile)[];

  constructor(
    folder: string,
    private readonly split: SplitName,
  ) {
    const file = (array: ArrayName) => new NumberFile(join(folder, fileOf(split, array)));
    this.inputIds = file('inputIds');
    this.labels = file('labels');
    this.offsets = file('offsets');
    this.tokenTypes = file('tokenTypes');
    this.passages = new LineFile(join(folder, passagesOf(split)));
    this.all = [this.inputIds, this.labels, this.offsets, this.tokenTypes, this.passages];
  }

  /** What is trained on is not evaluated. */
  addPassage(passage: Passage): void {
    if (this.split !== 'train') this.passages.push(JSON.stringify(passage));
  }

  /** Writes what is left. Returns the names of the files that there are. */
  finish(): string[] {
    for (const file of this.all) file.flush();
    return this.all.filter(({ length }) => length).map(({ path }) => basename(path));
  }

  [Symbol.dispose](): void {
    for (const file of this.all) file[Symbol.dispose]();
  }
}
