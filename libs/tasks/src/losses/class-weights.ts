import { IGNORED_LABEL } from '@temper/contracts';
import { checkClassWeights } from '../schema/check-class-weights.js';
import type { LossSpec } from '../schema/losses.js';
import type { ClassShares } from './chance.js';

/** How often each class is in the labels of a split, one a row or a token. */
export function labelCounts(labels: Int32Array, classes: number): ClassShares {
  const support = new Int32Array(classes);
  let rows = 0;
  for (const label of labels) {
    if (label === IGNORED_LABEL) continue;
    support[label]!++;
    rows++;
  }
  return { support, rows };
}

/** The same of labels that are a flag for each class. */
export function flagCounts(labels: Int32Array, classes: number): ClassShares {
  const support = new Int32Array(classes);
  labels.forEach((flag, i) => {
    if (flag) support[i % classes]!++;
  });
  return { support, rows: labels.length / classes };
}

/** scikit-learn's compute_class_weight('balanced'): rows / (classes · rows of the class); a class without rows weighs 1. */
export function balancedWeights({ support, rows }: ClassShares): number[] {
  const classes = Array.from(support).filter((count) => count > 0).length;
  return Array.from(support, (count) => (count ? rows / (classes * count) : 1));
}

/** As torch says of BCEWithLogitsLoss: rows without a label for each that has it; a label that none or all rows have weighs 1. */
export const balancedFlags = ({ support, rows }: ClassShares): number[] =>
  Array.from(support, (count) => (count && count < rows ? (rows - count) / count : 1));

/** Weights by class number, of what `training.classWeights` says by label or in the order of the labels. */
export function weightsByClass(
  said: NonNullable<LossSpec['classWeights']>,
  labelNames: readonly string[],
  balanced: () => number[],
): number[] {
  checkClassWeights(said, labelNames);
  if (said === 'balanced') return balanced();
  if (Array.isArray(said)) return [...(said as readonly number[])];
  const byName = new Map(Object.entries(said as Readonly<Record<string, number>>));
  return labelNames.map((name) => byName.get(name) ?? 1);
}
