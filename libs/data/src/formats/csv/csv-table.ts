import type { ColumnMap } from '../column-map.js';
import { findColumns } from '../columns.js';
import type { Reading, Row, Table } from '../table.js';
import type { TextCursor } from '../text/cursor.js';
import { textFile, type TextFile } from '../text/open-text.js';
import { columnNames, dialectOf, plainName, separatorLine } from './header.js';
import { inDoubt, isQuoted, mayBeLines } from './quoting.js';
import { isBlank, next, read } from './next.js';
import { RecordReader } from './record.js';
import { fitted, headerAgain, isHeader } from './row.js';

const ROWS = 2048;

/**
 * CSV and TSV: a header line, RFC 4180 quoting, every value as text. Nothing is guessed but the delimiter of a .csv file,
 * and that from the header alone, so that the same file is never read in two ways.
 */
export function csvTable(path: string, reading: Reading, extension: string): Table {
  const file = textFile(path, reading.encoding);
  return {
    columns: async () => {
      await using cursor = file.open();
      return (await told(file, readHeader(cursor, reading, extension))).columns;
    },
    rows: (wanted) => rowsOf(file, wanted, reading, extension),
    place: ({ at }) => file.place(at),
  };
}

const told = <T>(file: TextFile, work: Promise<T>): Promise<T> =>
  work.catch(async (error: unknown) => {
    throw await file.told(error);
  });

interface Header {
  readonly columns: readonly string[];
  readonly records: RecordReader;
}

/** Reads the first record, in which the names are. Of an empty file there are none. */
async function readHeader(cursor: TextCursor, { quote }: Reading, extension: string): Promise<Header> {
  await cursor.more();
  const separator = separatorLine.exec(cursor.text);
  cursor.pos = separator?.[0].length ?? 0;
  const quoted = quote !== 'none';
  const dialect = separator
    ? { delimiter: separator[1]!, quoted }
    : dialectOf(extension, cursor.text.slice(cursor.pos), quoted);
  const records = new RecordReader(dialect);
  while (await next(cursor, records)) {
    if (!isBlank(records)) return { columns: columnNames(records.fields), records };
  }
  return { columns: [], records };
}

async function* rowsOf(
  file: TextFile,
  wanted: ColumnMap,
  reading: Reading,
  extension: string,
): AsyncGenerator<Row[]> {
  await using cursor = file.open();
  let rows: Row[] = [];
  try {
    const { columns, records } = await readHeader(cursor, reading, extension);
    if (!columns.length) return;
    const asked = wanted.map(([field, name, ...optional]) => [field, plainName(name), ...optional] as const);
    const places = findColumns(file.path, asked, columns).map((name) => columns.indexOf(name));
    let doubtful = records.dialect.delimiter === '\t' && reading.quote === undefined;
    for (;;) {
      const start = cursor.pos;
      if (!read(cursor, records)) {
        if (cursor.whole) break;
        await cursor.more();
        continue;
      }
      if (isBlank(records)) continue;
      const at = cursor.at(start);
      const fields = fitted(records, columns, at);
      if (isHeader(fields, columns)) throw headerAgain(at);
      if (doubtful && records.hasQuotes && mayBeLines(cursor.text.slice(start, cursor.pos), columns)) {
        if (!(await isQuoted(file, records.dialect, columns))) throw inDoubt(at);
        doubtful = false;
      }
      rows.push({ cells: places.map((place) => fields[place]!), at });
      if (rows.length < ROWS) continue;
      yield rows;
      rows = [];
    }
    yield rows;
  } catch (error) {
    // The rows before it first, for whoever wants no more of them.
    yield rows;
    throw await file.told(error);
  }
}
