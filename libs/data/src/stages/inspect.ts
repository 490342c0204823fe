import { splitNames, TemperError, type PipelineSpec, type Problem, type SplitName } from '@temper/contracts';
import { emptyFile } from '../formats/columns.js';
import { readExamples } from '../formats/read-examples.js';
import type { SourceFiles } from './ingest.js';
import { singleClass } from '../labels/class-names.js';
import type { LabelCounts } from '../labels/class-warnings.js';

export interface DatasetSummary {
  readonly rows: Readonly<Partial<Record<SplitName, number>>>;
  /** Rows of train by class, where the data has labels. */
  readonly classes: Readonly<Record<string, number>>;
  /** The same of every split. */
  readonly labels: LabelCounts;
  /** One line for people: `6,046 train rows, 2 classes`. */
  toString(): string;
}

/**
 * Looks at the data before anything is queued, as ingest will read it: every row of every file can be read, has the
 * columns and the right types; there are rows, and two classes or more.
 * @throws TemperError DATA_INVALID, with the mistakes of all files at once.
 */
export async function inspectDataset(
  { task, dataset }: Pick<PipelineSpec, 'task' | 'dataset'>,
  sources: SourceFiles,
): Promise<DatasetSummary> {
  const problems: Problem[] = [];
  const rows: Partial<Record<SplitName, number>> = {};
  let classes: Record<string, number> = {};
  const byClass: Partial<Record<SplitName, ReadonlyMap<string, number>>> = {};
  for (const split of splitNames) {
    const files = sources[split];
    if (!files) continue;
    try {
      const counted = await countRows(task, files, dataset);
      rows[split] = counted.rows;
      if (counted.classes.size) byClass[split] = counted.classes;
      if (split === 'train') classes = Object.fromEntries(counted.classes);
      if (!counted.rows) problems.push(emptyFile(files.join(', ')));
    } catch (error) {
      if (!(error instanceof TemperError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length) throw new TemperError('DATA_INVALID', problems);
  if (task === 'sequence-classification') checkClasses(classes, rows.train ?? 0);
  return { rows, classes, labels: byClass, toString: () => inWords(rows, classes) };
}

/** Rows, and rows by class. Labels of tokens must be those of the task. */
async function countRows(
  task: PipelineSpec['task'],
  files: readonly string[],
  { columns, limit, encoding, quote }: PipelineSpec['dataset'],
): Promise<{ rows: number; classes: ReadonlyMap<string, number> }> {
  const classes = new Map<string, number>();
  let rows = 0;
  for await (const { label, labels } of readExamples(files, columns, { limit, encoding, quote })) {
    rows++;
    if (labels !== undefined && Array.isArray(labels) !== (task === 'causal-lm')) {
      throw wrongLabels(task, `${files.join(', ')} row ${rows}`, Array.isArray(labels));
    }
    const name = label ?? (typeof labels === 'number' ? String(labels) : '');
    if (!name.trim()) continue;
    const before = classes.get(name);
    // The first time a copy, as the label is a window into the text that was read.
    classes.set(before === undefined ? Buffer.from(name).toString() : name, (before ?? 0) + 1);
  }
  return { rows, classes };
}

function wrongLabels(task: PipelineSpec['task'], path: string, list: boolean): TemperError {
  return new TemperError('DATA_INVALID', {
    path,
    message: `wrong labels for ${task}`,
    found: list ? 'a list' : 'one number',
    allowed: task === 'causal-lm' ? 'a list with one label a token' : 'one class number',
  });
}

function inWords(rows: DatasetSummary['rows'], classes: DatasetSummary['classes']): string {
  const counts = Object.entries(rows).map(([split, count]) => `${count.toLocaleString('en')} ${split} rows`);
  const distinct = Object.keys(classes).length;
  return [...counts, ...(distinct ? [`${distinct} classes`] : [])].join(', ');
}

function checkClasses(classes: Readonly<Record<string, number>>, rows: number): void {
  const names = Object.keys(classes);
  if (names.length < 2) throw singleClass(names);
  if (rows >= 20 && names.length > rows / 2) {
    throw new TemperError('DATA_INVALID', {
      path: 'dataset.columns.label',
      message: 'nearly every row has a label of its own',
      found: `${names.length} labels in ${rows} rows: ${names
        .slice(0, 3)
        .map((name) => JSON.stringify(name))
        .join(', ')}, …`,
      hint: 'name the column that holds the class',
    });
  }
}
