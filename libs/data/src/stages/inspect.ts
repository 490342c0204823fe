import {
  splitNames,
  TemperError,
  type DataWarning,
  type Example,
  type Problem,
  type SplitName,
} from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import { taskSchemaOf, type TaskSchema } from '@temper/tasks/schema';
import { Cleaner, ownText } from '../cleaning/clean.js';
import { emptyFile } from '../formats/columns.js';
import { readExamples } from '../formats/read-examples.js';
import type { SourceFiles } from './ingest.js';
import { singleClass } from '../labels/class-names.js';
import { classesIn, fewestClasses, labelOf } from '../labels/label-text.js';
import type { LabelCounts } from '../labels/class-warnings.js';
import { equalRows } from '../leaks/find-leaks.js';
import { leakWarnings } from '../leaks/leak-warnings.js';

export interface DatasetSummary {
  readonly rows: Readonly<Partial<Record<SplitName, number>>>;
  /** Rows of train by class, where the data has labels. */
  readonly classes: Readonly<Record<string, number>>;
  /** The same of every split. */
  readonly labels: LabelCounts;
  /** Rows that given splits share: equal ones. Those that are nearly equal, preprocess looks for. */
  readonly leaks: readonly DataWarning[];
  /** One line for people: `6,046 train rows, 2 classes`. */
  toString(): string;
}

/**
 * Looks at the data before anything is queued, as ingest will read it: every row of every file can be read, has the
 * columns and the right types; there are rows, of which cleaning leaves some, and two classes or more. Of the splits in
 * `cut` only the beginning of the files is there, so their first rows are looked at, and nothing is said of what needs
 * all of them.
 * @throws TemperError DATA_INVALID, with the mistakes of all files at once.
 */
export async function inspectDataset(
  spec: Pick<PipelineSpec, 'task' | 'problemType' | 'dataset'>,
  sources: SourceFiles,
  cut: readonly SplitName[] = [],
): Promise<DatasetSummary> {
  const whole = splitNames.filter((split) => sources[split] && !cut.includes(split));
  using cleaner = new Cleaner(spec.dataset.clean);
  const counted = await countSplits(spec, sources, cut, (split, example) => cleaner.add(split, example));
  const of = <T>(field: (split: Counted) => T, splits: readonly SplitName[]) =>
    Object.fromEntries(splits.map((split) => [split, field(counted[split]!)]));
  const rows: DatasetSummary['rows'] = of(
    (split) => split.rows,
    splitNames.filter((split) => counted[split]),
  );
  const labels: LabelCounts = of(
    (split) => split.classes,
    whole.filter((split) => counted[split]!.classes.size),
  );
  const classes = Object.fromEntries(labels.train ?? []);
  const schema = taskSchemaOf(spec);
  if (schema.hasClasses && !cut.includes('train')) checkClasses(schema, classes, rows.train ?? 0);
  cleaner.decide();
  for (const split of whole) cleaner.requireRows(split);
  const leaks = whole.length > 1 ? sharedRows(cleaner, whole, rows) : [];
  return { rows, classes, labels, leaks, toString: () => inWords(rows, classes) };
}

/** Of every split that is there; the mistakes of all of them are thrown together. */
async function countSplits(
  spec: Pick<PipelineSpec, 'task' | 'problemType' | 'dataset'>,
  sources: SourceFiles,
  cut: readonly SplitName[],
  onRow: (split: SplitName, example: Example) => void,
): Promise<Partial<Record<SplitName, Counted>>> {
  const problems: Problem[] = [];
  const counted: Partial<Record<SplitName, Counted>> = {};
  for (const split of splitNames) {
    if (!sources[split]) continue;
    const isCut = cut.includes(split);
    const how = isCut ? { cut: true as const } : { onRow: (example: Example) => onRow(split, example) };
    const all: Counted = { rows: 0, classes: new Map() };
    counted[split] = all;
    for (const { files, columns = spec.dataset.columns } of sources[split]) {
      const before = all.rows;
      try {
        await countRows(all, taskSchemaOf(spec), files, { ...spec.dataset, columns }, how);
        if (!isCut && all.rows === before) problems.push(emptyFile(files.join(', ')));
      } catch (error) {
        if (!(error instanceof TemperError)) throw error;
        problems.push(...error.problems);
      }
    }
  }
  if (problems.length) throw new TemperError('DATA_INVALID', problems);
  return counted;
}

/** Of the rows that cleaning leaves in. */
function sharedRows(cleaner: Cleaner, given: readonly SplitName[], rows: DatasetSummary['rows']) {
  const places = (split: SplitName) =>
    Array.from({ length: rows[split] ?? 0 }, (_, at) => (cleaner.stays(split, at + 1) ? split : undefined));
  const to = { train: places('train'), validation: places('validation'), test: places('test') };
  return leakWarnings(equalRows({ given, to, contents: (split) => cleaner.contents(split) }), given);
}

/** So many rows of a file are looked at of which only the beginning is there. */
const FIRST_ROWS = 200;

interface Counted {
  rows: number;
  readonly classes: Map<string, number>;
}

/** Rows, and rows by class. A file that is cut ends in the middle of a row: once some were read, that is no mistake. */
async function countRows(
  counted: Counted,
  schema: TaskSchema,
  files: readonly string[],
  dataset: PipelineSpec['dataset'],
  { cut, onRow }: { readonly cut?: true; readonly onRow?: (example: Example) => void },
): Promise<void> {
  if (!cut) return countInto(counted, schema, files, dataset, onRow);
  const limit = Math.min(dataset.limit ?? Infinity, FIRST_ROWS);
  const before = counted.rows;
  try {
    await countInto(counted, schema, files.slice(0, 1), { ...dataset, limit });
  } catch (error) {
    if (counted.rows === before || (error as { code?: unknown }).code !== 'DATA_INVALID') throw error;
  }
}

/** Labels of tokens must be those of the task. */
async function countInto(
  counted: Counted,
  schema: TaskSchema,
  files: readonly string[],
  { columns, limit, encoding, quote }: PipelineSpec['dataset'],
  onRow?: (example: Example) => void,
): Promise<void> {
  const { classes } = counted;
  const { labelForm, hasClasses } = schema;
  const before = counted.rows;
  for await (const example of readExamples(files, columns, { limit, encoding, quote, labelForm })) {
    const { labels } = example;
    counted.rows++;
    onRow?.(example);
    if (labels !== undefined && Array.isArray(labels) !== schema.labelsAreLists) {
      throw wrongLabels(
        schema.task,
        `${files.join(', ')} row ${counted.rows - before}`,
        Array.isArray(labels),
      );
    }
    if (!hasClasses) continue;
    for (const name of classesIn(labelOf(example, labelForm) ?? '', labelForm)) {
      if (!name.trim()) continue;
      const before = classes.get(name);
      classes.set(before === undefined ? ownText(name) : name, (before ?? 0) + 1);
    }
  }
}

function wrongLabels(task: PipelineSpec['task'], path: string, list: boolean): TemperError {
  return new TemperError('DATA_INVALID', {
    path,
    message: `wrong labels for ${task}`,
    found: list ? 'a list' : 'one number',
    allowed: list ? 'one class number' : 'a list with one label a token',
  });
}

function inWords(rows: DatasetSummary['rows'], classes: DatasetSummary['classes']): string {
  const counts = Object.entries(rows).map(([split, count]) => `${count.toLocaleString('en')} ${split} rows`);
  const distinct = Object.keys(classes).length;
  return [...counts, ...(distinct ? [`${distinct} classes`] : [])].join(', ');
}

function checkClasses(
  { labelForm }: TaskSchema,
  classes: Readonly<Record<string, number>>,
  rows: number,
): void {
  const names = Object.keys(classes);
  if (names.length < fewestClasses(labelForm)) throw singleClass(names);
  if (labelForm !== 'tags' && rows >= 20 && names.length > rows / 2) {
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
