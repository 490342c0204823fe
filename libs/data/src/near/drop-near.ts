import type { SplitName } from '@temper/contracts';
import type { Cleaner } from '../cleaning/clean.js';
import { IntList } from '../cleaning/int-list.js';
import type { RowFile } from '../stages/row-file.js';
import { NearMatcher } from './matcher.js';

interface DropNearOptions {
  readonly threshold: number;
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Drops the rows of a split that are nearly equal to one before them of the same label that stays. Which those are follows from
 * the rows and their order alone.
 */
export async function dropNear(
  cleaner: Cleaner,
  split: SplitName,
  file: RowFile,
  { threshold, onProgress, signal }: DropNearOptions,
): Promise<void> {
  const rows = new IntList();
  const matcher = new NearMatcher(threshold, (number) => file.read(rows.get(number)));
  let row = 0;
  for await (const examples of file.chunks()) {
    signal?.throwIfAborted();
    for (const example of examples) {
      if (!cleaner.stays(split, ++row)) continue;
      const label = cleaner.labelNumber(split, row);
      const sameLabel = (number: number) => cleaner.labelNumber(split, rows.get(number)) === label;
      const [earlier] = matcher.read(example).matches(sameLabel);
      if (earlier) cleaner.drop(split, row, 'nearDuplicate');
      else {
        matcher.add();
        rows.push(row);
      }
    }
    onProgress?.(row);
  }
}
