import type { StepMetrics } from '@temper/contracts';

/** Logged steps whose loss is looked at together: a tenth of all, so that single batches do not decide. */
export const windowOf = (steps: readonly StepMetrics[]): number =>
  Math.min(steps.length, Math.max(5, Math.ceil(steps.length / 10)));

export const meanLoss = (steps: readonly StepMetrics[]): number =>
  steps.reduce((sum, { loss }) => sum + loss, 0) / steps.length;

/** What one outlier among the batches cannot move. */
export function medianLoss(steps: readonly StepMetrics[]): number {
  const losses = steps.map(({ loss }) => loss).sort((a, b) => a - b);
  const middle = losses.length >> 1;
  return losses.length % 2 ? losses[middle]! : (losses[middle - 1]! + losses[middle]!) / 2;
}

/** The mean loss of the last logged steps up to a step; undefined where there are none. */
export function meanLossBefore(steps: readonly StepMetrics[], step: number): number | undefined {
  const before = steps.filter((line) => line.step <= step).slice(-windowOf(steps));
  return before.length ? meanLoss(before) : undefined;
}

/** Over the first and the last logged steps of a training. */
export function ends(
  steps: readonly StepMetrics[],
): { first: number; last: number; window: number } | undefined {
  if (!steps.length) return undefined;
  const window = windowOf(steps);
  return { first: meanLoss(steps.slice(0, window)), last: meanLoss(steps.slice(-window)), window };
}

/** Whether the last quarter of the training is still clearly below the one before it. */
export function stillFalling(steps: readonly StepMetrics[], by: number): boolean {
  const quarter = Math.floor(steps.length / 4);
  if (quarter < 5) return false;
  return meanLoss(steps.slice(-quarter)) < (1 - by) * meanLoss(steps.slice(-2 * quarter, -quarter));
}
