import { TemperError, type Example, type Problem } from '@temper/contracts';
import { type Columns } from '@temper/spec';
import type { LabelForm } from '@temper/tasks/schema';
import { pairOfAlpaca } from './alpaca.js';
import type { ColumnMap } from './column-map.js';
import { withTools } from './columns.js';
import { noText, toExample, type RowProblem } from './example.js';
import { openTable, type Reading, type Table } from './table.js';

export interface ReadOptions extends Reading {
  /** Only the first rows of all files together. */
  readonly limit?: number | undefined;
  /** What the column `label` holds; default a class. */
  readonly labelForm?: LabelForm | undefined;
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
  { limit = Infinity, signal, labelForm, ...reading }: ReadOptions = {},
): AsyncGenerator<Example> {
  const wanted = withTools(columns);
  let left = limit;
  for (const file of files) {
    if (left <= 0) return;
    for await (const examples of fileExamples(openTable(file, reading), { wanted, labelForm, limit: left })) {
      signal?.throwIfAborted();
      left -= examples.length;
      yield* examples;
    }
  }
}

interface Wanted {
  readonly wanted: ColumnMap;
  readonly labelForm: LabelForm | undefined;
  readonly limit: number;
}

async function* fileExamples(table: Table, { wanted, labelForm, limit }: Wanted): AsyncGenerator<Example[]> {
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
        : toExample(fields, row.cells, labelForm);
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
