import {
  splitNames,
  TemperError,
  type Columns,
  type PipelineSpec,
  type Problem,
  type SplitName,
} from '@temper/contracts';
import { columnMap, emptyFile, findColumns } from '../formats/columns.js';
import { openDatabase, type Database } from '../formats/database.js';
import { readExamples } from '../formats/read-examples.js';
import { identifier } from '../formats/sql.js';
import { openTable, readable } from '../formats/table.js';
import type { SourceFiles } from './ingest.js';
import { singleClass } from '../labels/class-names.js';

export interface DatasetSummary {
  readonly rows: Readonly<Partial<Record<SplitName, number>>>;
  /** Rows of train by class, where the data has labels. */
  readonly classes: Readonly<Record<string, number>>;
  /** One line for people: `6,046 train rows, 2 classes`. */
  toString(): string;
}

/** So many rows of each split are looked at in full, so that a wrong type shows at once. */
const LOOKED_AT = 100;

/**
 * Looks at the data before anything is queued: every file can be read, has the columns and the right types at its
 * beginning; there are rows, and two classes or more.
 * @throws TemperError DATA_INVALID, with the mistakes of all files at once.
 */
export async function inspectDataset(
  { task, dataset }: Pick<PipelineSpec, 'task' | 'dataset'>,
  sources: SourceFiles,
): Promise<DatasetSummary> {
  await using database = await openDatabase();
  const problems: Problem[] = [];
  const rows: Partial<Record<SplitName, number>> = {};
  let classes: Record<string, number> = {};
  const { label, labels } = dataset.columns as { label?: string; labels?: string };
  const labelColumn = task === 'sequence-classification' ? (label ?? labels) : undefined;
  for (const split of splitNames) {
    const files = sources[split];
    if (!files) continue;
    try {
      const counts = await countRows(database, files, dataset, labelColumn);
      rows[split] = [...counts.values()].reduce((sum, count) => sum + count, 0);
      if (split === 'train') classes = Object.fromEntries([...counts].filter(([label]) => label.trim()));
      if (rows[split] === 0) problems.push(emptyFile(files.join(', ')));
      problems.push(...(await firstMistakes(task, files, dataset.columns)));
    } catch (error) {
      if (!(error instanceof TemperError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length) throw new TemperError('DATA_INVALID', problems);
  if (task === 'sequence-classification') checkClasses(classes, rows.train ?? 0);
  return { rows, classes, toString: () => inWords(rows, classes) };
}

/** Reads the first rows in full. Labels must be those of the task. */
async function firstMistakes(
  task: PipelineSpec['task'],
  files: readonly string[],
  columns: Columns,
): Promise<Problem[]> {
  const wanted = task === 'causal-lm' ? 'a list with one label a token' : 'one class number';
  for await (const { labels } of readExamples(files, columns, { limit: LOOKED_AT })) {
    if (labels === undefined || Array.isArray(labels) === (task === 'causal-lm')) continue;
    const found = Array.isArray(labels) ? 'a list' : 'one number';
    return [{ path: files.join(', '), message: `wrong labels for ${task}`, found, allowed: wanted }];
  }
  return [];
}

/** Rows by label; under '' where the data has none. */
async function countRows(
  { connection }: Database,
  files: readonly string[],
  { columns, limit }: Pick<PipelineSpec['dataset'], 'columns' | 'limit'>,
  labelColumn: string | undefined,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const wanted = columnMap(columns);
  let left = limit ?? Infinity;
  for (const file of files) {
    const table = await openTable(connection, file);
    if (!table.columns.length || left <= 0) continue;
    const names = findColumns(file, wanted, table.columns);
    const label = labelColumn === undefined ? 'NULL' : identifier(labelColumn);
    const first = Number.isFinite(left) ? ` LIMIT ${left}` : '';
    // Every wanted column is read, so that a fault in any of them is found.
    const read = `SELECT ${[...new Set(names)].map(identifier).join(', ')} FROM ${table.from([...new Set(names)])}${first}`;
    const all = names.map((name) => `count(${identifier(name)})`).join(', ');
    const sql = `SELECT ${label} AS label, count(*) AS n, ${all} FROM (${read}) GROUP BY 1`;
    const result = await readable(file, () => connection.runAndReadAll(sql));
    for (const [name, count] of result.getRows()) {
      const key = name === null ? '' : String(name);
      counts.set(key, (counts.get(key) ?? 0) + Number(count));
      left -= Number(count);
    }
  }
  return counts;
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
