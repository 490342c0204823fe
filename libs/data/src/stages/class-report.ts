import {
  splitNames,
  type DataWarning,
  type LeakReport,
  type SplitName,
  type TokensMeta,
} from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import { isTokenised, taskSchemaOf, type LabelForm } from '@temper/tasks/schema';
import { classRowsOf, classWarnings, type LabelCounts } from '../labels/class-warnings.js';
import { classesIn } from '../labels/label-text.js';
import type { HeadPlan } from '../labels/plan-head.js';
import { leakWarnings } from '../leaks/leak-warnings.js';
import type { Routed } from './tokenize-rows.js';

type Reported = Pick<TokensMeta, 'warnings' | 'head' | 'classRows'>;

/** What the tokens artifact says of its classes, and everything that people should hear of. */
export function classReport(
  spec: Pick<PipelineSpec, 'task' | 'problemType' | 'dataset'>,
  routed: Routed,
  plan: HeadPlan | undefined,
  leaks: LeakReport,
  given: readonly SplitName[],
): Reported {
  const ofLeaks = leakWarnings(leaks, given);
  if (!plan) return { warnings: ofLeaks };
  const counts = countsOf(routed, taskSchemaOf(spec).labelForm);
  const numbered = isTokenised(spec.dataset.columns);
  const warnings: DataWarning[] = [...ofLeaks, ...classWarnings(counts, { numbered })];
  return { warnings, head: plan.head, classRows: classRowsOf(counts, plan.labelNames) };
}

function countsOf({ to, labels, times }: Routed, form: LabelForm | undefined): LabelCounts {
  const counts: Partial<Record<SplitName, Map<string, number>>> = {};
  for (const source of splitNames) {
    to[source].forEach((split, row) => {
      if (!split) return;
      const rows = source === 'train' && split === 'train' && times ? times[row]! : 1;
      if (!rows) return;
      const of = (counts[split] ??= new Map<string, number>());
      for (const label of classesIn(labels[source].at(row) ?? '', form))
        of.set(label, (of.get(label) ?? 0) + rows);
    });
  }
  return counts;
}
