import type { StepMetrics } from '@temper/contracts';
import { expect } from 'vitest';
import type { GoldenStep } from './golden.js';

const relative = (a: number, b: number) => Math.abs(a - b) / Math.abs(b);

/** Every step's loss within the relative tolerance, its gradient norm within ten times that, its learning rate equal. */
export function expectSteps(
  ours: readonly StepMetrics[],
  golden: readonly GoldenStep[],
  tolerance: number,
): void {
  expect(ours.map((line) => line.step)).toEqual(golden.map((_, i) => i + 1));
  golden.forEach((step, i) => {
    const { loss, gradNorm, learningRate } = ours[i]!;
    expect(relative(loss, step.loss), `loss of step ${i + 1}`).toBeLessThan(tolerance);
    expect(relative(gradNorm, step.gradNorm), `gradient norm of step ${i + 1}`).toBeLessThan(10 * tolerance);
    expect(learningRate, `learning rate of step ${i + 1}`).toBeCloseTo(step.learningRate, 12);
  });
}
