import type { PipelineSpec } from '@temper/spec';

export type Scheduler = PipelineSpec['training']['scheduler'];

export interface Schedule {
  readonly type: Scheduler;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/**
 * Factor on the learning rate for the optimizer step after `step` steps were done (0 for the first): the lambdas of
 * transformers' get_linear_, get_cosine_ and get_constant_schedule_with_warmup, so the first step of a warm-up has rate 0.
 */
export function learningRateFactor({ type, warmupSteps, totalSteps }: Schedule, step: number): number {
  if (step < warmupSteps) return step / Math.max(1, warmupSteps);
  if (type === 'constant') return 1;
  const decaySteps = Math.max(1, totalSteps - warmupSteps);
  if (type === 'linear') return Math.max(0, (totalSteps - step) / decaySteps);
  return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * ((step - warmupSteps) / decaySteps))));
}

/** `warmupSteps` where given, else the ratio of all steps, rounded up. */
export function warmupStepsOf(
  training: Pick<PipelineSpec['training'], 'warmupSteps' | 'warmupRatio'>,
  totalSteps: number,
): number {
  return training.warmupSteps ?? Math.ceil(totalSteps * training.warmupRatio);
}
