import { TemperError, type Example, type Problem } from '@temper/contracts';
import { type Columns } from '@temper/spec';
import { pairOfAlpaca } from './alpaca.js';
import type { ColumnMap } from './column-map.js';
import { withTools } from './columns.js';
import { noText, toExample, type RowProblem } from './example.js';
import { openTable, type Reading, type Table } from './table.js';

export interface ReadOptions extends Reading {
  /** Only the first rows of all files together. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** So many wrong rows are shown before reading stops. */
const SHOWN_PROBLEMS = 5;

/**
 * The rows of the files in their order, with the columns mapped. A value that is not there counts as empty text.
 * @throws TemperError DATA_INVALID with file and line.
 */
export async function* readExamples(
  files: readonly string[],
  columns: Columns,
  { limit = Infinity, signal, ...reading }: ReadOptions = {},
): AsyncGenerator<Example> {
  const wanted = withTools(columns);
  let left = limit;
  for (const file of files) {
    if (left <= 0) return;
    for await (const examples of fileExamples(openTable(file, reading), wanted, left)) {
      signal?.throwIfAborted();
      left -= examples.length;
      yield* examples;
    }
  }
}

async function* fileExamples(table: Table, wanted: ColumnMap, limit: number): AsyncGenerator<Example[]> {
  const alpaca = wanted.some(([field]) => field === 'instruction');
  const names = wanted.map(([field]) => field);
  const fields = alpaca ? (['prompt', 'completion'] as const) : (names as (keyof Example)[]);
  const problems: Problem[] = [];
  let left = limit;
  let number = 0;
  for await (const batch of table.rows(wanted)) {
    const rows = batch.slice(0, left);
    left -= rows.length;
    const examples: Example[] = [];
    for (const row of rows) {
      const made = alpaca
        ? (noText(names, row.cells) ?? toExample(fields, pairOfAlpaca(row.cells)))
        : toExample(fields, row.cells);
      number++;
      if (!isProblem(made)) examples.push(made);
      else if (problems.length < SHOWN_PROBLEMS)
        problems.push({ ...made, path: await table.place(row, number) });
    }
    if (!problems.length) yield examples;
    if (left <= 0 || problems.length >= SHOWN_PROBLEMS) break;
  }
  if (problems.length) throw new TemperError('DATA_INVALID', problems);
}

const isProblem = (made: Example | RowProblem): made is RowProblem => 'message' in made;
