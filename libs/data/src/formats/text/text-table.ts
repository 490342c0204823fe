import type { ColumnMap } from '../column-map.js';
import { findColumns } from '../columns.js';
import type { Reading, Row, Table } from '../table.js';
import { textFile } from './open-text.js';

const lineEnd = /\r\n?|\n/g;

/** Plain text: one row a line. */
export function textTable(path: string, { encoding }: Reading): Table {
  const file = textFile(path, encoding);
  return {
    columns: async () => ['text'],
    rows: (wanted) => rowsOf(file, wanted),
    place: ({ at }) => file.place(at),
  };
}

async function* rowsOf(file: ReturnType<typeof textFile>, wanted: ColumnMap): AsyncGenerator<Row[]> {
  findColumns(file.path, wanted, ['text']);
  await using cursor = file.open();
  try {
    while (!cursor.whole) {
      await cursor.more();
      const rows: Row[] = [];
      const row = (end: number) =>
        rows.push({ cells: wanted.map(() => cursor.text.slice(cursor.pos, end)), at: cursor.at() });
      for (const { index, 0: end } of cursor.text.matchAll(lineEnd)) {
        // \r\n may be cut between the two.
        if (end === '\r' && index + 1 === cursor.text.length && !cursor.whole) break;
        row(index);
        cursor.pos = index + end.length;
      }
      if (cursor.whole && cursor.pos < cursor.text.length) row(cursor.text.length);
      yield rows;
    }
  } catch (error) {
    throw await file.told(error);
  }
}
