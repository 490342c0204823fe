import type { Columns, Task } from '@temper/contracts';
import { readExamples } from '../formats/read-examples.js';
import { recogniseColumns } from '../formats/recognise.js';
import { columnsInWords } from '../formats/suggest.js';
import { openTable, type Reading } from '../formats/table.js';

export interface Decided {
  readonly task: Task;
  readonly columns: Columns;
  /** `{prompt: question, completion: answer}` */
  readonly inWords: string;
}

/**
 * What a spec leaves open: the columns, by the names in the first file with columns; and the task, by the columns, or for
 * tokens by the first row.
 * @throws TemperError DATA_INVALID: in doubt, with the line to add to the spec; or a file that cannot be read.
 */
export async function decideColumns(
  given: { readonly task?: Task | undefined; readonly columns?: Columns | undefined },
  files: readonly string[],
  reading: Reading = {},
): Promise<Decided> {
  const { columns, task } = given.columns
    ? { columns: given.columns, task: undefined }
    : await recognisedIn(files, given.task, reading);
  return {
    columns,
    task: given.task ?? task ?? (await taskOfTokens(files, columns, reading)),
    inWords: columnsInWords(columns),
  };
}

async function recognisedIn(files: readonly string[], task: Task | undefined, reading: Reading) {
  for (const file of files) {
    const names = await openTable(file, reading).columns();
    if (names.length) return recogniseColumns(file, names, task);
  }
  return recogniseColumns(files.join(', '), [], task);
}

async function taskOfTokens(files: readonly string[], columns: Columns, reading: Reading): Promise<Task> {
  for await (const { labels } of readExamples(files, columns, { ...reading, limit: 1 })) {
    if (Array.isArray(labels)) return 'causal-lm';
  }
  return 'sequence-classification';
}
