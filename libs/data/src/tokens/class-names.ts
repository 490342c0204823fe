import { splitNames, TemperError, type PipelineSpec } from '@temper/contracts';
import type { Routed } from '../stages/tokenize-rows.js';
import { orderLabels } from './labels.js';

/** @throws TemperError DATA_INVALID for a single class */
export function classNames(
  spec: Pick<PipelineSpec, 'task' | 'dataset'>,
  routed: Routed,
  ofModel: readonly string[] | undefined,
): string[] {
  if (spec.task === 'causal-lm') return [];
  const found = new Set<string>();
  for (const split of splitNames) {
    routed.to[split].forEach((to, row) => to && found.add(routed.labels[split][row] ?? ''));
  }
  if (found.size < 2) throw singleClass([...found]);
  if (!('inputIds' in spec.dataset.columns)) return orderLabels(found, ofModel);
  // Class numbers stand for themselves, also those that no row has.
  const classes = Math.max(...[...found].map(Number), (ofModel?.length ?? 0) - 1) + 1;
  if (classes > Math.max(1000, 2 * found.size)) throw sparseClasses(classes, found.size);
  return ofModel?.length === classes ? [...ofModel] : Array.from({ length: classes }, (_, i) => String(i));
}

export const singleClass = (found: readonly string[]) =>
  new TemperError('DATA_INVALID', {
    path: 'dataset.columns.label',
    message: 'all rows have the same label: there is nothing to tell apart',
    found: found.map((label) => JSON.stringify(label)).join(', ') || 'no label',
    allowed: 'two classes or more',
  });

const sparseClasses = (classes: number, found: number) =>
  new TemperError('DATA_INVALID', {
    path: 'dataset.columns.labels',
    message: 'class numbers count from 0 without large gaps',
    found: `${found} classes, the largest ${classes - 1}`,
    hint: 'number them anew, or give text and label instead',
  });
