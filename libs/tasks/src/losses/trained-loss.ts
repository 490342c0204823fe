import type { Batch } from '@temper/contracts';
import {
  dpoLoss,
  focalLoss,
  ipoLoss,
  orpoLoss,
  weightedBinaryCrossEntropyLoss,
  weightedCrossEntropyLoss,
  type TrainedLoss,
} from '@temper/graph';
import {
  DEFAULT_BETA,
  lossNameOf,
  minimisesTheLoss,
  type LossName,
  type LossSpec,
} from '../schema/losses.js';
import type { TaskDefinition } from '../task.js';
import { binaryChance, crossEntropyChance, focalChance, type Chance } from './chance.js';
import { balancedFlags, balancedWeights, flagCounts, labelCounts, weightsByClass } from './class-weights.js';

/** What a training minimises, and how it is read. */
export interface Minimised {
  readonly loss: TrainedLoss;
  /** What the batch's sum is divided by, once all micro-batches of a step are added up. */
  divisor(batch: Pick<Batch, 'labels' | 'counted'>): number;
  /** Where the loss is not the one that evaluations measure. */
  readonly chance?: Chance | undefined;
}

interface Given {
  readonly spec: LossSpec;
  readonly weights: readonly number[] | undefined;
}

interface Kind {
  /** Weights of classes in balance. */
  balanced(labels: Int32Array, classes: number): number[];
  minimised(given: Given): Minimised | undefined;
}

const counted = ({ counted }: Pick<Batch, 'counted'>) => counted;

/** Σ w[label], as torch's weighted mean divides. */
const summedWeights =
  (weights: readonly number[] | undefined): Minimised['divisor'] =>
  (batch) =>
    weights ? Array.from(batch.labels, (label) => weights[label]!).reduce((a, b) => a + b, 0) : batch.counted;

const oneLabel = (labels: Int32Array, classes: number) => balancedWeights(labelCounts(labels, classes));

/** A loss without an entry is a type error. None of its own: the task's loss is trained as it is evaluated. */
const kinds: { readonly [N in LossName]: Kind } = {
  'cross-entropy': {
    balanced: oneLabel,
    minimised: ({ spec: { labelSmoothing: smoothing = 0 }, weights }) => ({
      loss: weightedCrossEntropyLoss({ smoothing, weights }),
      divisor: summedWeights(weights),
      chance: crossEntropyChance(weights, smoothing),
    }),
  },
  focal: {
    balanced: oneLabel,
    minimised: ({ spec: { focalGamma: gamma = 2 }, weights }) => ({
      loss: focalLoss({ gamma, weights }),
      divisor: summedWeights(weights),
      chance: focalChance(weights, gamma),
    }),
  },
  'binary-cross-entropy': {
    balanced: (labels, classes) => balancedFlags(flagCounts(labels, classes)),
    minimised: ({ weights }) =>
      weights && {
        loss: weightedBinaryCrossEntropyLoss(weights),
        divisor: counted,
        chance: binaryChance(weights),
      },
  },
  'mean-squared-error': { balanced: () => [], minimised: () => undefined },
  'multiple-negatives-ranking': { balanced: () => [], minimised: () => undefined },
  cosine: { balanced: () => [], minimised: () => undefined },
  dpo: ofPairs(({ beta, labelSmoothing: smoothing }) => dpoLoss({ beta, smoothing })),
  ipo: ofPairs(ipoLoss),
  orpo: ofPairs(orpoLoss),
  'span-cross-entropy': { balanced: () => [], minimised: () => undefined },
};

/** Means over pairs. */
function ofPairs(loss: (settings: LossSpec & { readonly beta: number }) => TrainedLoss): Kind {
  return {
    balanced: () => [],
    minimised: ({ spec }) => ({ loss: loss({ ...spec, beta: spec.beta ?? DEFAULT_BETA }), divisor: counted }),
  };
}

/**
 * What `training.loss` and its settings say, for the labels of the training split. SPEC_INVALID where weights and labels do not
 * fit together.
 */
export function minimisedOf(
  task: TaskDefinition,
  spec: LossSpec,
  { labelNames, labels }: { readonly labelNames: readonly string[]; readonly labels: Int32Array },
): Minimised {
  const plain: Minimised = { loss: task.loss, divisor: counted };
  if (minimisesTheLoss(task, spec)) return plain;
  const kind = kinds[lossNameOf(task, spec)];
  const { classWeights } = spec;
  const balanced = () => kind.balanced(labels, labelNames.length);
  const weights = classWeights && weightsByClass(classWeights, labelNames, balanced).map(Math.fround);
  return kind.minimised({ spec, weights }) ?? plain;
}
