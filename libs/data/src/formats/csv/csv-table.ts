import { findColumns, type ColumnMap } from '../columns.js';
import { TextFault } from '../fault.js';
import type { Reading, Row, Table } from '../table.js';
import type { TextCursor } from '../text/cursor.js';
import { textFile, type TextFile } from '../text/open-text.js';
import { columnNames, dialectOf, plainName, separatorLine } from './header.js';
import { RecordReader } from './record.js';
import { fitted } from './row.js';

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

/** Moves on to the next record; false at the end. */
async function next(cursor: TextCursor, records: RecordReader): Promise<boolean> {
  while (!read(cursor, records)) {
    if (cursor.whole) return false;
    await cursor.more();
  }
  return true;
}

function read(cursor: TextCursor, records: RecordReader): boolean {
  if (cursor.pos >= cursor.text.length) return false;
  try {
    if (!records.read(cursor.text, cursor.pos, cursor.whole)) return false;
  } catch (error) {
    if (!(error instanceof TextFault)) throw error;
    throw new TextFault(cursor.at(error.at), error.message, error.details);
  }
  cursor.pos = records.end;
  return true;
}

const isBlank = ({ fields, hasQuotes }: RecordReader) =>
  fields.length === 1 && !hasQuotes && fields[0]!.trim() === '';

async function* rowsOf(
  file: TextFile,
  wanted: ColumnMap,
  reading: Reading,
  extension: string,
): AsyncGenerator<Row[]> {
  await using cursor = file.open();
  try {
    const { columns, records } = await readHeader(cursor, reading, extension);
    if (!columns.length) return;
    const asked = wanted.map(([field, name, ...optional]) => [field, plainName(name), ...optional] as const);
    const places = findColumns(file.path, asked, columns).map((name) => columns.indexOf(name));
    const doubtful = records.dialect.delimiter === '\t' && reading.quote === undefined;
    let rows: Row[] = [];
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
      if (doubtful && records.hasQuotes)
        refuseSwallowedLines(cursor.text.slice(start, cursor.pos), columns, at);
      rows.push({ cells: places.map((place) => fields[place]!), at });
      if (rows.length < ROWS) continue;
      yield rows;
      rows = [];
    }
    yield rows;
  } catch (error) {
    throw await file.told(error);
  }
}

/**
 * TSV is written with quotes (spreadsheets, pandas) and without (most corpora). Where a quoted field spans lines of which
 * each is a row by itself, both can be meant, and a wrong guess would lose rows.
 */
function refuseSwallowedLines(record: string, { length }: readonly string[], at: number): void {
  const lines = record.replace(/(\r\n?|\n)$/, '').split(/\r\n?|\n/);
  if (length < 2 || lines.length < 2 || !lines.every((line) => line.split('\t').length === length)) return;
  throw new TextFault(at, `${lines.length} lines that are a row each, or one row with a field in quotes`, {
    hint: 'set dataset.quote: none where quotes are plain characters, else dataset.quote: double',
  });
}
