import { splitNames, type SplitName } from '@temper/contracts';
import type { Column } from '../stages/column.js';
import { byteList, IntList } from '../cleaning/int-list.js';

export type HeldOutSplit = 'validation' | 'test';

/** Splits by the order in which a row of theirs is blamed: train first. */
const bits: Readonly<Record<SplitName, number>> = { train: 1, validation: 2, test: 4 };

/** Where every row of each source goes (undefined: dropped), and the number of its content. */
export interface RoutedContents {
  readonly given: readonly SplitName[];
  readonly to: Readonly<Record<SplitName, Column<SplitName>>>;
  readonly contents: (source: SplitName) => Int32Array;
}

/** The rows of validation and test, from 0, as columns. */
export class HeldOutRows {
  private readonly sources = byteList();
  private readonly rows = new IntList();
  private readonly splits = byteList();

  get length(): number {
    return this.rows.length;
  }

  constructor({ given, to }: Pick<RoutedContents, 'given' | 'to'>) {
    for (const source of given) {
      to[source].forEach((split, at) => {
        if (split !== 'validation' && split !== 'test') return;
        this.sources.push(splitNames.indexOf(source));
        this.rows.push(at + 1);
        this.splits.push(splitNames.indexOf(split));
      });
    }
  }

  source(at: number): SplitName {
    return splitNames[this.sources.get(at)]!;
  }

  /** From 1. */
  row(at: number): number {
    return this.rows.get(at);
  }

  split(at: number): HeldOutSplit {
    return splitNames[this.splits.get(at)] as HeldOutSplit;
  }
}

/** By the number of a content: the splits that have it, as bits. */
export function splitsOfContents({ given, to, contents }: RoutedContents): Uint8Array {
  let size = 0;
  for (const source of given) for (const content of contents(source)) size = Math.max(size, content + 1);
  const found = new Uint8Array(size);
  for (const source of given) {
    const numbers = contents(source);
    to[source].forEach((split, at) => {
      if (split) found[numbers[at]!]! |= bits[split];
    });
  }
  return found;
}

/** The split before `split` that is among these bits: what is tested on should not have been trained or chosen by. */
export function earlierSplit(found: number, split: HeldOutSplit): 'train' | 'validation' | undefined {
  if (found & bits.train) return 'train';
  return split === 'test' && found & bits.validation ? 'validation' : undefined;
}
