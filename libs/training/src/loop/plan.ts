import type { DataCursor } from '@temper/contracts';
import type { PipelineSpec, StopAt } from '@temper/spec';

/** How many steps there are, and where each one's data lies. The arithmetic is the Hugging Face Trainer's. */
export interface StepPlan {
  /** Micro-batches in an epoch; the last may be smaller. */
  readonly batchesPerEpoch: number;
  /** A last, incomplete accumulation at the end of an epoch is a step too. */
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly accumulation: number;
}

type Training = Pick<
  PipelineSpec['training'],
  'trainBatchSize' | 'gradientAccumulationSteps' | 'epochs' | 'maxSteps'
>;

export function planSteps(examples: number, training: Training): StepPlan {
  const batchesPerEpoch = Math.ceil(examples / training.trainBatchSize);
  const accumulation = training.gradientAccumulationSteps;
  const stepsPerEpoch = Math.max(1, Math.ceil(batchesPerEpoch / accumulation));
  const totalSteps = training.maxSteps ?? Math.ceil(training.epochs * stepsPerEpoch);
  return { batchesPerEpoch, stepsPerEpoch, totalSteps, accumulation };
}

/** Micro-batches of the step that starts at the cursor: `accumulation`, or what the epoch has left. */
export const microBatches = (plan: StepPlan, cursor: DataCursor): number =>
  Math.min(plan.accumulation, plan.batchesPerEpoch - cursor.batch);

export function advance(plan: StepPlan, cursor: DataCursor, consumed: number): DataCursor {
  const batch = cursor.batch + consumed;
  return batch < plan.batchesPerEpoch
    ? { epoch: cursor.epoch, batch }
    : { epoch: cursor.epoch + 1, batch: 0 };
}

/** Epochs done after `step` steps, with the fraction of the current one. */
export const epochAt = (plan: StepPlan, step: number): number => step / plan.stepsPerEpoch;

/** Whether the step that leads to `cursor` was the last of an epoch. */
export const endsEpoch = (cursor: DataCursor): boolean => cursor.batch === 0;

/** The step after which a training stops for now: whole steps, never beyond the end. */
export function stopStep(plan: StepPlan, stopAt: StopAt | undefined): number {
  if (!stopAt) return plan.totalSteps;
  const steps = 'steps' in stopAt ? stopAt.steps : Math.ceil(stopAt.epochs * plan.stepsPerEpoch);
  return Math.max(1, Math.min(steps, plan.totalSteps));
}
