import { splitNames, type DataWarning, type SplitName } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { checkClassWeights, isTokenised, taskSchemaOf } from '@temper/tasks/schema';
import { fractionsOfTrain } from '../split/fractions.js';
import { planForLabels } from './class-names.js';
import { classWarnings, type LabelCounts } from './class-warnings.js';
import type { BaseHead } from './plan-head.js';

/**
 * Before a run: what is odd about the classes of the files, as far as it shows before they are split, and what will become of
 * the base model's head (a line for people), where that is known. SPEC_INVALID for weights of labels that there are not.
 */
export function inspectClasses(
  { dataset, training, ...choice }: Pick<PipelineSpec, 'task' | 'problemType' | 'dataset' | 'training'>,
  labels: LabelCounts,
  base: BaseHead | undefined,
): { readonly warnings: readonly DataWarning[]; readonly head?: string | undefined } {
  const given = splitNames.filter((split) => labels[split]);
  const numbered = isTokenised(dataset.columns);
  const fractions = fractionsOfTrain(dataset.split, given);
  const open = splitNames.filter((split: SplitName) => !given.includes(split) && fractions[split] > 0);
  const found = [...new Set(given.flatMap((split) => [...labels[split]!.keys()]))];
  const plan = (from: BaseHead) =>
    planForLabels(found, from, { numbered, labelForm: taskSchemaOf(choice).labelForm });
  const head = base && plan(base).head.message;
  const { classWeights } = training;
  if (classWeights && !numbered) checkClassWeights(classWeights, plan(base ?? {}).labelNames);
  return { warnings: classWarnings(labels, { open, numbered }), head };
}
