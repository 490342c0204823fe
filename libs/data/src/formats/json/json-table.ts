import type { ColumnMap } from '../column-map.js';
import { findColumns } from '../columns.js';
import type { Reading, Row, Table } from '../table.js';
import { textFile, type TextFile } from '../text/open-text.js';
import { cellsOf } from './cells.js';
import { list, sequence, within } from './rows.js';
import { JsonScanner } from './scan.js';
import { shapeOf } from './shape.js';
import { rowsOfSingle } from './single.js';

/**
 * JSON (a list of objects, alone or within an object; objects one after another) and JSON Lines: whatever a file with one
 * of these names holds. Values are taken as they are written; a key may be absent from any row, but not from all.
 */
export function jsonTable(path: string, { encoding, cut }: Reading): Table {
  const file = textFile(path, encoding);
  return {
    columns: async () => {
      const keys = new Set<string>();
      try {
        for await (const rows of readRows(file, undefined, keys)) void rows;
      } catch (error) {
        if (!cut || !keys.size) throw error;
      }
      return [...keys];
    },
    rows: (wanted) => rowsOf(file, wanted),
    // A whole list is often on one line.
    place: async ({ at }, number) =>
      (await file.place(at)).replace(/:1$/, (line) => (number > 1 ? `${line} row ${number}` : line)),
  };
}

async function* rowsOf(file: TextFile, wanted: ColumnMap): AsyncGenerator<Row[]> {
  const keys = new Set<string>();
  let some = false;
  for await (const rows of readRows(file, wanted, keys)) {
    some ||= rows.length > 0;
    yield rows;
  }
  // Where a column never occurred, all keys were collected.
  if (some && wanted.some(([, column, optional]) => !optional && !keys.has(column)))
    findColumns(file.path, wanted, [...keys]);
}

/** Collects the keys in `keys` until all wanted ones have occurred; without `wanted` all of them. */
async function* readRows(
  file: TextFile,
  wanted: ColumnMap | undefined,
  keys: Set<string>,
): AsyncGenerator<Row[]> {
  try {
    await using first = file.open();
    const shape = await shapeOf(first);
    if (shape.form === 'empty') return;
    const inside = shape.form === 'single' ? rowsOfSingle(shape.members, wanted) : 'row';
    await using cursor = file.open();
    const scanner = new JsonScanner(cursor);
    scanner.parser.lines = shape.form === 'objects' && shape.lines;
    const cells = cellsOf(wanted ?? [], keys, wanted === undefined);
    if (inside !== 'row') yield* within(scanner, inside.in, cells);
    else yield* shape.form === 'list' ? list(scanner, cells) : sequence(scanner, cells);
  } catch (error) {
    throw await file.told(error);
  }
}
