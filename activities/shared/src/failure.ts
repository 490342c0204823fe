import { ApplicationFailure, CancelledFailure, type ApplicationFailureOptions } from '@temporalio/common';
import { diskFull, TemperError, type Problem } from '@temper/contracts';

/** An error without a code is a fault of ours or of the machine: tried again this often, then reported. */
const ATTEMPTS_OF_UNKNOWN = 3;

/**
 * The error that crosses to the workflow: type = code, details = [problems, attempt], non-retryable by the code.
 * A cancellation stays what it is.
 */
export function activityFailure(
  failed: unknown,
  attempt: number,
  options: Pick<ApplicationFailureOptions, 'nextRetryDelay'> = {},
): Error {
  const error = diskFull(failed) ?? failed;
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  if (error instanceof TemperError) {
    return ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable: !error.retryable,
      details: [error.problems, attempt],
      cause: error,
      ...options,
    });
  }
  const cause = error instanceof Error ? error : new Error(String(error));
  const problems: Problem[] = [{ path: '', message: cause.message }];
  return ApplicationFailure.create({
    message: cause.message || cause.name,
    type: 'UNKNOWN',
    nonRetryable: attempt >= ATTEMPTS_OF_UNKNOWN,
    details: [problems, attempt],
    cause,
  });
}
