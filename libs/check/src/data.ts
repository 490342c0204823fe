import type { LabelCounts } from '@temper/data';
import type { SplitName } from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { count } from './count.js';
import { filesOfData } from './files-of-data.js';
import type { Sight } from './sight.js';

export interface CheckedData {
  readonly lines: readonly string[];
  /** Rows that the files share. */
  readonly warnings?: readonly string[];
  /** Of a classifier: rows by class in each given file. */
  readonly labels?: LabelCounts;
}

/** A label is a word; of a text that is taken for one, the beginning is told. */
const cut = (label: string) => (label.length > 60 ? `${label.slice(0, 59)}…` : label);

/** Reads the head of the data: readable, columns there, not empty, two classes. */
export async function checkData(sight: Sight, spec: PipelineSpec): Promise<CheckedData> {
  const found = await filesOfData(sight, spec);
  if (!found) return { lines: [] };
  const { files: paths, cut: cutSplits } = found;
  const { inspectDataset } = await import('@temper/data');
  const { rows, classes, labels: byClass, leaks } = await inspectDataset(spec, paths, cutSplits);
  const splits = (Object.entries(rows) as [SplitName, number][]).map(([split, n]) =>
    cutSplits.includes(split)
      ? `${split} its first ${count(n)} rows (the others are read by ingest)`
      : `${split} ${count(n)} rows`,
  );
  const labels = Object.entries(classes).map(([label, n]) => `${cut(label)} ${count(n)}`);
  const few = labels.length > 1 && labels.length <= 10 ? ` (${labels.join(', ')})` : '';
  const { hasClasses } = taskSchemaOf(spec);
  const notes = new Set(found.notes);
  const lines = [...notes, `data: ${splits.join(', ')}${few}`];
  const warnings = leaks.map(({ message }) => message);
  return { lines, warnings, ...(hasClasses && !cutSplits.includes('train') ? { labels: byClass } : {}) };
}
