import type { SplitName } from '@temper/contracts';
import type { Columns } from '@temper/tasks/schema';
import type { ParsedSpec } from './pipeline-spec.js';

/** A source of a split, with what the spec says of it alone. */
export interface SplitSource {
  /** The field that names it: `dataset.train`, or `dataset.train.0.source`. */
  readonly path: string;
  readonly source: string;
  /** Its own, where `dataset.columns` are others. */
  readonly columns?: Columns | undefined;
  readonly weight: number;
}

/** What the rows of a split are read from, in the order in which they come: one source, or for train a list of them. */
export function sourcesOf(
  dataset: Pick<ParsedSpec['dataset'], SplitName>,
  split: SplitName,
): readonly SplitSource[] {
  const given = dataset[split];
  if (given === undefined) return [];
  if (typeof given === 'string') return [{ path: `dataset.${split}`, source: given, weight: 1 }];
  return given.map((one, i) => ({ ...one, path: `dataset.${split}.${i}.source` }));
}

/** Whether train is a list of sources, whose rows are counted by source. */
export const hasSeveralSources = (dataset: Pick<ParsedSpec['dataset'], 'train'>): boolean =>
  Array.isArray(dataset.train);
