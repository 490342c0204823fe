import type { ColumnMap } from '../column-map.js';
import { findColumns } from '../columns.js';
import type { Reading, Row, Table } from '../table.js';
import { plainName } from '../csv/header.js';
import { excerpt, TextFault } from '../fault.js';
import { recognised } from '../recognise.js';
import { textFile, type TextFile } from './open-text.js';

const lineEnd = /\r\n?|\n/g;

/** So much of a first line is looked at. */
const LOOKED = 1 << 16;

/** What a first line says that is a row of JSON, or a header with usual names. */
function otherFormat(line: string): string | undefined {
  if (/^\s*\{\s*"[^"]+"\s*:/.test(line)) return '.jsonl';
  const of = { ',': '.csv', ';': '.csv', '|': '.csv', '\t': '.tsv' };
  const isHeader = (names: readonly string[]) => Object.keys(recognised(names)?.columns ?? {}).length > 1;
  return Object.entries(of).find(([mark]) => isHeader(line.split(mark).map(plainName)))?.[1];
}

/** Where a spec names no columns: a file of plain text is learnt line by line, which rows of another format would be too. */
async function refuseOtherRows(file: TextFile): Promise<void> {
  try {
    await using cursor = file.open();
    await cursor.more();
    const line = /[^\r\n]*/.exec(cursor.text.slice(0, LOOKED))![0];
    const other = otherFormat(line);
    if (!other) return;
    throw new TextFault(0, 'rows of another format in a file of plain text, of which each line is a text', {
      found: excerpt(line),
      hint: `name it ${other}, or say dataset.columns: {text: text}`,
    });
  } catch (error) {
    throw await file.told(error);
  }
}

/** Plain text: one row a line. */
export function textTable(path: string, { encoding }: Reading): Table {
  const file = textFile(path, encoding);
  return {
    columns: async () => {
      await refuseOtherRows(file);
      return ['text'];
    },
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
