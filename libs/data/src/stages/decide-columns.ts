import { tasks, type Task } from '@temper/contracts';
import type { Columns } from '@temper/spec';
import { defaultTask, taskSchemaOf } from '@temper/tasks/schema';
import { readExamples } from '../formats/read-examples.js';
import { recognised, recogniseColumns, type Recognised } from '../formats/recognise.js';
import { columnsInWords } from '../formats/suggest.js';
import { openTable, type Reading } from '../formats/table.js';

export interface Decided {
  readonly task: Task;
  readonly columns: Columns;
  /** `{prompt: question, completion: answer}` */
  readonly inWords: string;
  /** The task follows from the model, and not from the columns alone. */
  readonly byModel: boolean;
  /** Columns by whose names the rows are of another task, which the model cannot learn. */
  readonly unused: readonly string[];
}

export interface Given {
  readonly task?: Task | undefined;
  readonly columns?: Columns | undefined;
  /** What the base model can learn, where it is known. */
  readonly possible?: readonly Task[] | undefined;
}

/**
 * What a spec leaves open: the columns, by the names in the first file with columns; and the task, by the model where it can
 * learn one only, else by the columns, or for tokens by the first row.
 * @throws TemperError DATA_INVALID: in doubt, with the line to add to the spec; or a file that cannot be read.
 */
export async function decideColumns(
  given: Given,
  files: readonly string[],
  reading: Reading = {},
): Promise<Decided> {
  const { possible = tasks } = given;
  const { columns, task, only, unused }: Found = given.columns
    ? { columns: given.columns, only: possible.length === 1 ? possible[0] : undefined }
    : await recognisedIn(files, given.task, possible, reading);
  const byModel = !given.task && !task && only !== undefined;
  return {
    columns,
    task: given.task ?? task ?? only ?? (await taskOfTokens(files, columns, possible, reading)),
    inWords: columnsInWords(columns),
    byModel,
    unused: unused ?? [],
  };
}

/** `only`: the one task that the model can learn from these columns. */
type Found = Recognised & { readonly only?: Task | undefined; readonly unused?: readonly string[] };

async function recognisedIn(
  files: readonly string[],
  task: Task | undefined,
  possible: readonly Task[],
  reading: Reading,
): Promise<Found> {
  for (const file of files) {
    const names = await openTable(file, reading).columns();
    if (!names.length) continue;
    // Rows that the model cannot learn are told by the check of the model.
    const only = task ? undefined : onlyTask(names, possible);
    const fits = only && recognised(names, only);
    if (!fits) {
      const one = possible.length === 1 ? possible[0] : undefined;
      return { only: one, ...recogniseColumns(file, names, task) };
    }
    const used = Object.values(fits.columns);
    const byNames = recognised(names);
    const other = Object.values(byNames?.columns ?? {});
    return {
      columns: fits.columns,
      ...(byNames?.task === only ? { task: only } : {}),
      only,
      unused: other.filter((name) => !used.includes(name)),
    };
  }
  return recogniseColumns(files.join(', '), [], task);
}

/** Of a model that cannot learn all: the one task that it can learn from columns of these names. A text alone is too little to say so. */
function onlyTask(names: readonly string[], possible: readonly Task[]): Task | undefined {
  if (possible.length === tasks.length) return undefined;
  const fitting = possible.filter((task) => {
    const columns = recognised(names, task)?.columns;
    return columns && (possible.length === 1 || Object.keys(columns).join() !== 'text');
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}

async function taskOfTokens(
  files: readonly string[],
  columns: Columns,
  possible: readonly Task[],
  reading: Reading,
): Promise<Task> {
  for await (const { labels } of readExamples(files, columns, { ...reading, limit: 1 })) {
    return possible.find((task) => takesTokenIds(task, Array.isArray(labels))) ?? defaultTask;
  }
  return defaultTask;
}

/** The first of the tasks that learns from such labels. */
function takesTokenIds(task: Task, lists: boolean): boolean {
  const { columns, labelsAreLists } = taskSchemaOf({ task });
  return columns.includes('tokenIds') && labelsAreLists === lists;
}
