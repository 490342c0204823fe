import type { TokenizedSplit } from '@temper/contracts';
import { permutation, site } from '../random.js';
import { examplesOf, longestOf } from './examples.js';

type Rows = Pick<TokenizedSplit, 'offsets' | 'sequencesPerExample'>;

export interface EpochPlanOptions {
  readonly split: Rows;
  readonly batchSize: number;
  /** Batches whose gradients make one step; default 1. */
  readonly gradientAccumulationSteps?: number;
  readonly seed: number;
  readonly epoch: number;
  /** false: file order. */
  readonly shuffle: boolean;
  /** Batches of similar length, so that less is padded; only with shuffle. */
  readonly groupByLength: boolean;
}

/**
 * The examples of every micro-batch of an epoch, each example exactly once; a pure function of (seed, epoch).
 * Only the last batch may be smaller. What is grouped by length, and shuffled again, are whole steps, as in transformers: the
 * examples of a step do not depend on how it is cut into batches.
 */
export function epochPlan(options: EpochPlanOptions): Int32Array[] {
  const { split, batchSize, gradientAccumulationSteps = 1, seed, epoch, shuffle, groupByLength } = options;
  const examples = examplesOf(split);
  if (!shuffle)
    return chunks(
      Int32Array.from({ length: examples }, (_, i) => i),
      batchSize,
    );
  const order = permutation(examples, seed, epoch, site.epochOrder);
  if (!groupByLength) return chunks(order, batchSize);

  const stepSize = batchSize * gradientAccumulationSteps;
  for (const group of chunks(order, stepSize * megabatch(examples, stepSize))) sortByLength(group, split);
  const steps = chunks(order, stepSize);
  const partial = steps.length && steps.at(-1)!.length < stepSize ? [steps.pop()!] : [];
  const stepOrder = permutation(steps.length, seed, epoch, site.batchOrder);
  return [...Array.from(stepOrder, (s) => steps[s]!), ...partial].flatMap((step) => chunks(step, batchSize));
}

/** For evaluation, where the order does not matter: longest first, which pads least and meets the largest batch at once. */
export function evaluationPlan(split: Rows, batchSize: number): Int32Array[] {
  const order = Int32Array.from({ length: examplesOf(split) }, (_, i) => i);
  sortByLength(order, split);
  return chunks(order, batchSize);
}

// Steps that are sorted together: 50, as in transformers' LengthGroupedSampler; fewer in a small set, where
// sorting everything would put the same examples together in every epoch.
const megabatch = (examples: number, stepSize: number) =>
  Math.max(1, Math.min(50, Math.floor(examples / (stepSize * 4))));

/**
 * In place, longest first. Equal lengths stay in the order that they have: a file is often sorted by class, and where
 * many examples are cut to the same length, batches of one class would come of it.
 */
function sortByLength(order: Int32Array, split: Rows): void {
  const length = (i: number) => longestOf(split, i);
  order.sort((a, b) => length(b) - length(a));
}

/** Views of at most `size` numbers each. */
function chunks(order: Int32Array, size: number): Int32Array[] {
  const count = Math.ceil(order.length / size);
  return Array.from({ length: count }, (_, k) => order.subarray(k * size, (k + 1) * size));
}
