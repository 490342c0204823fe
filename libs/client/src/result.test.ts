import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  WorkflowFailedError,
} from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { resultOfFailure, statusOf } from './result.js';

const failed = (cause: Error) =>
  new WorkflowFailedError('Workflow execution failed', cause, 'MAXIMUM_ATTEMPTS_REACHED' as never);

describe('the result of a run that did not complete', () => {
  it('is the one that the failure carries', () => {
    const carried = { runId: 'r', status: 'failed', stages: [], metrics: {}, artifacts: {} };
    const failure = ApplicationFailure.create({ message: 'x', type: 'DATA_INVALID', details: [carried] });
    expect(resultOfFailure('r', failed(failure))).toEqual(carried);
  });

  it('has the code, message and problems of the innermost cause where none is carried', () => {
    const problems = [{ path: 'a.csv:3', message: 'no label' }];
    const cause = ApplicationFailure.create({
      message: 'a.csv:3: no label',
      type: 'DATA_INVALID',
      details: [problems, 2],
    });
    const activity = new ActivityFailure(
      'Activity failed',
      'ingest',
      '1',
      'NON_RETRYABLE_FAILURE' as never,
      'w',
      cause,
    );
    expect(resultOfFailure('r', failed(activity))).toMatchObject({
      runId: 'r',
      status: 'failed',
      error: { code: 'DATA_INVALID', message: 'a.csv:3: no label', problems },
    });
  });

  it('is cancelled, without an error, where it was cancelled', () => {
    const result = resultOfFailure('r', failed(new CancelledFailure('Workflow cancelled')));
    expect(result).toMatchObject({ status: 'cancelled' });
    expect(result.error).toBeUndefined();
  });

  it('maps what Temporal says', () => {
    expect(statusOf('TIMED_OUT')).toBe('failed');
    expect(statusOf('TERMINATED')).toBe('cancelled');
    expect(statusOf('CONTINUED_AS_NEW')).toBe('running');
  });
});
