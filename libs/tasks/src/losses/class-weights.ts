import { IGNORED_LABEL, nearest, TemperError } from '@temper/contracts';
import type { LossSpec } from '../schema/losses.js';
import type { ClassShares } from './chance.js';

/** Labels shown of many. */
const SHOWN = 20;

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
  if (said === 'balanced') return balanced();
  if (Array.isArray(said)) {
    if (said.length === labelNames.length) return [...(said as readonly number[])];
    throw new TemperError('SPEC_INVALID', {
      path: 'training.classWeights',
      message: 'one weight for each label',
      found: `${said.length} weights`,
      allowed: `${labelNames.length} weights: ${shown(labelNames)}`,
    });
  }
  const byName = said as Readonly<Record<string, number>>;
  const unknown = Object.keys(byName).filter((name) => !labelNames.includes(name));
  if (unknown.length) {
    const [first] = unknown as [string];
    const close = nearest(first, labelNames);
    throw new TemperError('SPEC_INVALID', {
      path: `training.classWeights.${first.slice(0, 60)}`,
      message: 'is no label of the data',
      found: shown(unknown),
      allowed: shown(labelNames),
      ...(close ? { hint: `did you mean ${close}?` } : {}),
    });
  }
  return labelNames.map((name) => (Object.hasOwn(byName, name) ? byName[name]! : 1));
}

const shown = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '');
