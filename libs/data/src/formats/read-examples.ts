import { TemperError, type Columns, type Example, type Problem } from '@temper/contracts';
import type { DuckDBConnection } from '@duckdb/node-api';
import { columnMap, findColumns, type ColumnMap } from './columns.js';
import { openDatabase } from './database.js';
import { toExample } from './example.js';
import { identifier } from './sql.js';
import { openTable, readable } from './table.js';

export interface ReadOptions {
  /** Only the first rows of all files together. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** So many wrong rows are shown before reading stops. */
const SHOWN_PROBLEMS = 5;

/**
 * The rows of the files in their order, with the columns mapped. Values that are NULL count as empty text.
 * @throws TemperError DATA_INVALID with file and row.
 */
export async function* readExamples(
  files: readonly string[],
  columns: Columns,
  options: ReadOptions = {},
): AsyncGenerator<Example> {
  await using database = await openDatabase();
  const wanted = columnMap(columns);
  let left = options.limit ?? Infinity;
  for (const file of files) {
    for await (const examples of fileExamples(database.connection, file, wanted, left)) {
      options.signal?.throwIfAborted();
      left -= examples.length;
      yield* examples;
    }
    if (left <= 0) return;
  }
}

async function* fileExamples(
  connection: DuckDBConnection,
  file: string,
  wanted: ColumnMap,
  limit: number,
): AsyncGenerator<Example[]> {
  const fields = wanted.map(([field]) => field as keyof Example);
  const problems: Problem[] = [];
  let row = 0;
  for await (const cells of fileRows(connection, file, wanted, limit)) {
    const made = cells.map((cell) => toExample(fields, cell, `${file}:${++row}`));
    problems.push(...made.filter(isProblem));
    if (problems.length >= SHOWN_PROBLEMS) break;
    if (!problems.length) yield made as Example[];
  }
  if (problems.length) throw new TemperError('DATA_INVALID', problems.slice(0, SHOWN_PROBLEMS));
}

const isProblem = (made: Example | Problem): made is Problem => 'path' in made;

/** Chunks of rows; a row has the wanted columns' texts in their order. */
async function* fileRows(connection: DuckDBConnection, file: string, wanted: ColumnMap, limit: number) {
  const table = await openTable(connection, file);
  if (!table.columns.length) return;
  const columns = findColumns(file, wanted, table.columns);
  const names = [...new Set(columns)];
  const select = `SELECT ${columns.map(identifier).join(', ')} FROM ${table.from(names)}`;
  const sql = Number.isFinite(limit) ? `${select} LIMIT ${limit}` : select;
  const result = await readable(file, () => connection.stream(sql));
  let rows = 0;
  for (;;) {
    const chunk = await readable(file, () => result.fetchChunk());
    if (!chunk || chunk.rowCount === 0) break;
    rows += chunk.rowCount;
    yield chunk.getRows() as (string | null)[][];
  }
  await wholly(connection, file, sql, rows);
}

/** A streamed result that fails in the middle just ends; counting the same rows says the error. */
async function wholly(connection: DuckDBConnection, file: string, sql: string, rows: number) {
  const counted = await readable(file, () =>
    connection.runAndReadAll(`SELECT count(*), count(COLUMNS(*)) FROM (${sql})`),
  );
  const there = Number(counted.getRows()[0]![0]);
  if (there === rows) return;
  throw new TemperError('DATA_INVALID', {
    path: file,
    message: 'the file was not read to its end',
    found: `${rows} rows of ${there}`,
  });
}
