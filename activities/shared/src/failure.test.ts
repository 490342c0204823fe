import { CancelledFailure, type ApplicationFailure } from '@temporalio/common';
import { TemperError } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { activityFailure } from './failure.js';

const bytesOf = (failure: Error) => {
  const { message, stack, details, cause } = failure as ApplicationFailure;
  return JSON.stringify([message, stack, details, cause?.message, cause?.stack]).length;
};

describe("a stage's failure", () => {
  it('carries code and problems, is final where its code says so, and may say when to try again', () => {
    const problem = { path: 'training step 3', message: 'NaN' };
    expect(activityFailure(new TemperError('LOSS_DIVERGED', problem), 1)).toMatchObject({
      type: 'LOSS_DIVERGED',
      nonRetryable: true,
      details: [[problem], 1],
    });
    const again = activityFailure(new TemperError('TRAINER_DIED', 'x'), 2, { nextRetryDelay: '1 second' });
    expect(again).toMatchObject({ nonRetryable: false, nextRetryDelay: '1 second' });
    const cancelled = new CancelledFailure('cancelled');
    expect(activityFailure(cancelled, 1)).toBe(cancelled);
  });

  it('names a full disk whatever it comes as', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    expect(activityFailure(error, 5)).toMatchObject({ type: 'DISK_FULL', nonRetryable: false });
  });

  it('stays under the 4 KB that the server keeps of an attempt', () => {
    const deep = Array.from({ length: 20 }).reduce<Error>(
      (cause) => new Error('word '.repeat(2_000), { cause }),
      new Error('the first'),
    );
    expect(bytesOf(activityFailure(deep, 1))).toBeLessThan(4_096);
    const problem = {
      path: 'trainer',
      message: 'it died',
      found: 'last words '.repeat(400),
      hint: 'try again',
    };
    const known = new TemperError('TRAINER_DIED', problem, { cause: deep });
    expect(bytesOf(activityFailure(known, 1))).toBeLessThan(4_096);
  });
});
