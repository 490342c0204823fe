import { TemperError } from '@temper/contracts';
import { DuckDBBlobValue, type DuckDBConnection } from '@duckdb/node-api';
import { isUtf8 } from 'node:buffer';
import { Nested, type Cell } from './cell.js';
import type { ColumnMap } from './column-map.js';
import { findColumns } from './columns.js';
import { openDatabase } from './database.js';
import { unreadable } from './fault.js';
import { refuseOthers } from './parquet-ends.js';
import { oneFile, plainPath } from './plain-path.js';
import { LONGEST_ROW } from './text/cursor.js';
import { identifier, literal } from './sql.js';
import type { Reading, Row, Table } from './table.js';

/** Parquet: binary columns hold UTF-8, lists and structures stay what they are, everything else is its usual text. */
export function parquetTable(file: string, _: Reading): Table {
  return {
    columns: async () => {
      await refuseOthers(file);
      await using database = await openDatabase();
      const path = await plainPath(database.connection, file);
      return (await readable(file, describe(database.connection, path))).map(({ name }) => name);
    },
    rows: (wanted) => rowsOf(file, wanted),
    place: async ({ at }) => `${file} row ${at}`,
  };
}

interface Column {
  readonly name: string;
  /** As DuckDB calls it: names that differ by case alone are counted up. */
  readonly known: string;
  readonly type: string;
  /** Digits of the longest decimal in it. */
  readonly digits: number;
}

/** DuckDB keeps decimals of so many digits; longer ones it would read as other numbers. */
const MOST_DIGITS = 38;

async function describe(connection: DuckDBConnection, path: string): Promise<Column[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${oneFile(path)})`);
  const schema = await connection.runAndReadAll(
    `SELECT name, coalesce(num_children, 0), coalesce(precision, 0) FROM parquet_schema(${literal(path)})`,
  );
  const top = topLevel(
    schema.getRows().map(([name, children, digits]) => ({
      name: String(name),
      children: Number(children),
      digits: Number(digits),
    })),
  );
  return described.getRows().map(([known, type], i) => ({
    name: top[i]?.name ?? String(known),
    known: String(known),
    type: String(type),
    digits: top[i]?.digits ?? 0,
  }));
}

interface Element extends Pick<Column, 'name' | 'digits'> {
  readonly children: number;
}

/** The children of the root in a schema that lists every element before its children, with the longest decimals in each. */
function topLevel(elements: readonly Element[]): Element[] {
  const end = (at: number): number => {
    let next = at + 1;
    for (let child = 0; child < elements[at]!.children; child++) next = end(next);
    return next;
  };
  const top: Element[] = [];
  for (let at = 1, next; at < elements.length; at = next) {
    next = end(at);
    top.push({ ...elements[at]!, digits: Math.max(...elements.slice(at, next).map(({ digits }) => digits)) });
  }
  return top;
}

async function* rowsOf(file: string, wanted: ColumnMap): AsyncGenerator<Row[]> {
  await refuseOthers(file);
  await using database = await openDatabase();
  const { connection } = database;
  const path = await plainPath(connection, file);
  const columns = await readable(file, describe(connection, path));
  const names = findColumns(
    file,
    wanted,
    columns.map(({ name }) => name),
  );
  const chosen = names.map((name) => columns.find((column) => column.name === name)!);
  const long = chosen.find(({ digits }) => digits > MOST_DIGITS);
  if (long) throw tooLong(file, long);
  const select = `SELECT ${chosen.map(asText).join(', ')} FROM read_parquet(${oneFile(path)})`;
  const stream = await readable(file, connection.stream(select));
  const nested = chosen.map(({ type }) => isNested(type));
  let row = 0;
  for (;;) {
    const chunk = await readable(file, stream.fetchChunk());
    if (!chunk || chunk.rowCount === 0) break;
    // Few bytes of a dictionary may be gigabytes of rows: of those of a chunk no more than some are texts at a time.
    let rows: Row[] = [];
    let size = 0;
    for (let i = 0; i < chunk.rowCount; i++) {
      const where = `${file} row ${++row}`;
      const cells = chunk.getRowValues(i).map((value, c) => cellOf(value, nested[c]!, where));
      const length = cells.reduce((sum, cell) => sum + lengthOf(cell), 0);
      if (length > LONGEST_ROW) throw longRow(where);
      rows.push({ at: row, cells });
      if ((size += length) < AT_ONCE) continue;
      yield rows;
      rows = [];
      size = 0;
    }
    if (rows.length) yield rows;
  }
  await allRead(connection, file, { path, select, rows: row });
}

/** A streamed result that fails in the middle just ends: the file says how many rows there are. */
async function allRead(
  connection: DuckDBConnection,
  file: string,
  { path, select, rows }: { path: string; select: string; rows: number },
): Promise<void> {
  const metadata = `SELECT sum(num_rows) FROM parquet_file_metadata(${literal(path)})`;
  const counted = await readable(file, connection.runAndReadAll(metadata));
  const there = Number(counted.getRows()[0]![0]);
  if (rows === there) return;
  // Read in one piece, the error is said.
  await readable(file, connection.runAndReadAll(`SELECT count(COLUMNS(*)) FROM (${select})`));
  throw new TemperError('DATA_INVALID', {
    path: file,
    message: 'the file was not read to its end',
    found: `${rows} rows`,
    allowed: `${there}, as the file says`,
  });
}

/** Characters. */
const AT_ONCE = 1 << 24;

const lengthOf = (cell: Cell): number =>
  typeof cell === 'string' ? cell.length : cell instanceof Nested ? cell.json.length : 0;

const longRow = (path: string) =>
  new TemperError('DATA_INVALID', { path, message: `a row that is longer than ${LONGEST_ROW} characters` });

const isNested = (type: string) => /\[|^STRUCT|^MAP|^UNION|^JSON/.test(type);

function asText({ known, type }: Column): string {
  const column = identifier(known);
  if (type === 'BLOB') return column;
  if (isNested(type)) return `CAST(to_json(${column}) AS VARCHAR)`;
  const text = `CAST(${column} AS VARCHAR)`;
  // What data frames write for a missing number.
  return type === 'DOUBLE' || type === 'FLOAT' ? `CASE WHEN isfinite(${column}) THEN ${text} END` : text;
}

function cellOf(value: unknown, nested: boolean, where: string): Cell {
  if (value === null || value === undefined) return null;
  if (value instanceof DuckDBBlobValue) return utf8(value.bytes, where);
  return nested ? new Nested(value as string) : (value as string);
}

function utf8(bytes: Uint8Array, where: string): string {
  if (isUtf8(bytes)) return Buffer.from(bytes).toString('utf8');
  throw new TemperError('DATA_INVALID', {
    path: where,
    message: 'bytes that are not UTF-8 text',
    found: Buffer.from(bytes.subarray(0, 16)).toString('hex'),
  });
}

const tooLong = (file: string, { name, digits }: Column) =>
  new TemperError('DATA_INVALID', {
    path: file,
    message: `the column ${name} has decimals that cannot be read exactly`,
    found: `${digits} digits`,
    allowed: `at most ${MOST_DIGITS}`,
    hint: 'write the column as text',
  });

const readable = <T>(file: string, work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw unreadable(file, error);
  });
