import { describe, expect, it } from 'vitest';
import { advance, endsEpoch, epochAt, microBatches, planSteps, stopStep } from './plan.js';

const training = { trainBatchSize: 4, gradientAccumulationSteps: 1, epochs: 3 };

describe('the step plan', () => {
  it('counts steps as the Hugging Face Trainer does', () => {
    expect(planSteps(10, training)).toMatchObject({ batchesPerEpoch: 3, stepsPerEpoch: 3, totalSteps: 9 });
    // 5 micro-batches by 2: the fifth is a step of its own.
    expect(planSteps(20, { ...training, gradientAccumulationSteps: 2 })).toMatchObject({
      batchesPerEpoch: 5,
      stepsPerEpoch: 3,
      totalSteps: 9,
    });
    expect(planSteps(10, { ...training, epochs: 1.5 }).totalSteps).toBe(5);
    expect(planSteps(10, { ...training, gradientAccumulationSteps: 8 }).totalSteps).toBe(3);
  });

  it('lets maxSteps override the epochs', () => {
    expect(planSteps(10, { ...training, maxSteps: 40 }).totalSteps).toBe(40);
  });

  it('stops for now after whole steps, at least one, never beyond the end', () => {
    const plan = planSteps(10, training); // 3 steps an epoch, 9 in all
    expect(stopStep(plan, undefined)).toBe(9);
    expect(stopStep(plan, { steps: 4 })).toBe(4);
    expect(stopStep(plan, { steps: 400 })).toBe(9);
    expect(stopStep(plan, { epochs: 1 })).toBe(3);
    expect(stopStep(plan, { epochs: 1.1 })).toBe(4);
    expect(stopStep(plan, { epochs: 0.0001 })).toBe(1);
  });

  it('walks through an epoch in steps that never reach into the next one', () => {
    const plan = planSteps(20, { ...training, gradientAccumulationSteps: 2 });
    let cursor = { epoch: 0, batch: 0 };
    const walked: [number, number, boolean][] = [];
    for (let step = 0; step < 4; step++) {
      const micro = microBatches(plan, cursor);
      const at = cursor;
      cursor = advance(plan, cursor, micro);
      walked.push([at.batch, micro, endsEpoch(cursor)]);
    }
    expect(walked).toEqual([
      [0, 2, false],
      [2, 2, false],
      [4, 1, true],
      [0, 2, false],
    ]);
    expect(epochAt(plan, 4)).toBeCloseTo(4 / 3);
  });
});
