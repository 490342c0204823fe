import Table from 'cli-table3';
import { pc, shownLine, trusted } from '../style.js';

const plain = {
  ...Object.fromEntries(
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'].map(
      (side) => [side, ''],
    ),
  ),
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** Characters of a cell: of names that are none, the beginning. */
const LONGEST = 200;

/** Columns that line up, without boxes: it can be read, grepped and pasted. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { right = [] }: { right?: readonly number[] } = {},
): string {
  const made = new Table({
    head: head.map((name) => shownLine(pc.dim(name))),
    chars: plain,
    colAligns: head.map((_, i) => (right.includes(i) ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  made.push(
    ...rows.map((row) =>
      row.map((cell) => shownLine(cell.length > LONGEST ? `${cell.slice(0, LONGEST)}…` : cell)),
    ),
  );
  return trusted(made.toString())
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
