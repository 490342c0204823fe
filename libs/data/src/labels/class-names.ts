import { splitNames, TemperError } from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import { isTokenised, taskSchemaOf, type LabelForm } from '@temper/tasks/schema';
import type { Routed } from '../stages/tokenize-rows.js';
import { classesIn, fewestClasses } from './label-text.js';
import { planHead, planNumberedHead, type BaseHead, type HeadPlan } from './plan-head.js';

/**
 * The classes of the rows that stay, and what becomes of the base model's head; undefined for language models.
 * @throws TemperError DATA_INVALID for a single class
 */
export function planClasses(
  spec: Pick<PipelineSpec, 'task' | 'problemType' | 'dataset'>,
  { to, labels }: Routed,
  base: BaseHead,
): HeadPlan | undefined {
  const { hasClasses, labelForm } = taskSchemaOf(spec);
  if (!hasClasses) return undefined;
  const found = new Set<string>();
  for (const split of splitNames) {
    to[split].forEach((goes, row) => {
      if (!goes) return;
      for (const name of classesIn(labels[split].at(row) ?? '', labelForm)) found.add(name);
    });
  }
  return planForLabels([...found], base, { numbered: isTokenised(spec.dataset.columns), labelForm });
}

interface PlanOptions {
  /** The labels are class numbers beside token ids. */
  readonly numbered: boolean;
  readonly labelForm?: LabelForm | undefined;
}

export function planForLabels(
  found: readonly string[],
  base: BaseHead,
  { numbered, labelForm }: PlanOptions,
): HeadPlan {
  if (found.length < fewestClasses(labelForm)) throw singleClass(found);
  if (!numbered) return planHead(found, base);
  const largest = found.reduce((most, label) => Math.max(most, Number(label)), 0);
  if (largest + 1 > Math.max(1000, 2 * found.length, base.classes ?? 0))
    throw sparseClasses(largest + 1, found.length);
  return planNumberedHead(largest, base);
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
