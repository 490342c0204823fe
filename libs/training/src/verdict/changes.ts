import { learningRateChange, type StepMetrics } from '@temper/contracts';
import { ends } from './curves.js';
import { stepsOf, type Evidence } from './evidence.js';

/** Fewer optimizer steps than these are too few to blame the learning rate. */
const FEW_STEPS = 100;
const ENOUGH_STEPS = 200;
const LARGEST_FACTOR = 10;

/** What a training needs that learnt too little: more steps where there were few, else a larger learning rate. */
export function learnMore(evidence: Evidence): string {
  const { training } = evidence.spec;
  const log = stepsOf(evidence);
  if (rose(log)) return learningRateChange(training.learningRate, 1 / 3);
  const steps = log.at(-1)?.step ?? FEW_STEPS;
  if (steps >= FEW_STEPS) return learningRateChange(training.learningRate, 3);
  return moreSteps(evidence, Math.min(LARGEST_FACTOR, Math.ceil(ENOUGH_STEPS / steps)));
}

/** Losses that rise have too large a rate, however few steps there were: above their beginning, or the untouched model's. */
export function rose(steps: readonly StepMetrics[]): boolean {
  const curve = ends(steps);
  const untouched = steps[0]?.step === 1 ? steps[0].loss : Infinity;
  return curve !== undefined && (curve.last > 1.1 * curve.first || curve.last > 1.5 * untouched);
}

/** `training.epochs`, or `training.maxSteps` where that is what ends the training. */
export function moreSteps({ spec: { training } }: Evidence, factor: number): string {
  return training.maxSteps
    ? `training.maxSteps: ${Math.ceil(training.maxSteps * factor)}`
    : `training.epochs: ${Math.max(1, Math.ceil(training.epochs * factor))}`;
}

/** A training that ends at this step. */
export function endAt(evidence: Evidence, step: number): string {
  const { training } = evidence.spec;
  if (training.maxSteps) return `training.maxSteps: ${step}`;
  const { epoch = training.epochs } = stepsOf(evidence).findLast((line) => line.step <= step) ?? {};
  // Epochs of a training are whole where it lasted for one.
  const epochs = epoch >= 1 ? Math.round(epoch) : Number(epoch.toPrecision(2));
  return epochs < training.epochs
    ? `training.epochs: ${epochs}`
    : learningRateChange(training.learningRate, 0.5);
}
