import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { TemperError, type Problem } from '@temper/contracts';

/** An error without a code is a fault of ours or of the machine: tried again this often, then reported. */
const ATTEMPTS_OF_UNKNOWN = 3;
/** A fault of the infrastructure that is not over after so many attempts never will be. */
const ATTEMPTS = 1000;

/**
 * The error that crosses to the workflow: type = code, details = [problems, attempt, preemptions], non-retryable by the
 * code. A cancellation stays what it is. An attempt that gave its device away is no fault and counts for nothing.
 */
export function activityFailure(error: unknown, attempt: number, preemptions = 0): Error {
  const faults = attempt - preemptions;
  const counts = preemptions ? [attempt, preemptions] : [attempt];
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  if (error instanceof TemperError) {
    return ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable: !error.retryable || faults >= ATTEMPTS,
      details: [error.problems, ...counts],
      cause: error,
    });
  }
  const cause = error instanceof Error ? error : new Error(String(error));
  const problems: Problem[] = [{ path: '', message: cause.message }];
  return ApplicationFailure.create({
    message: cause.message || cause.name,
    type: 'UNKNOWN',
    nonRetryable: faults >= ATTEMPTS_OF_UNKNOWN,
    details: [problems, ...counts],
    cause,
  });
}
