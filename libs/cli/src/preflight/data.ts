import { splitNames, type PipelineSpec, type SplitName } from '@temper/contracts';
import { count } from '../report/format.js';
import { fetched } from './sources.js';

/** Reads the head of the data: readable, columns there, not empty, two classes. */
export async function checkData(spec: PipelineSpec): Promise<string[]> {
  const given = splitNames.filter((split) => spec.dataset[split] !== undefined);
  const resolved = await Promise.all(
    given.map(async (split) => [split, await fetched(spec.dataset[split]!)] as const),
  );
  if (resolved.some(([, source]) => source === undefined)) return [];
  const paths: Partial<Record<SplitName, readonly string[]>> = Object.fromEntries(
    resolved.map(([split, source]) => [split, source!.files]),
  );
  const { inspectDataset } = await import('@temper/data');
  const { rows, classes } = await inspectDataset(spec, paths);
  const splits = Object.entries(rows).map(([split, n]) => `${split} ${count(n)} rows`);
  const labels = Object.entries(classes).map(([label, n]) => `${label} ${count(n)}`);
  const few = labels.length > 1 && labels.length <= 10 ? ` (${labels.join(', ')})` : '';
  return [`data: ${splits.join(', ')}${few}`];
}
