import { ApplicationFailure, CancelledFailure, type ApplicationFailureOptions } from '@temporalio/common';
import { diskFull, TemperError, type Problem } from '@temper/contracts';

/** An error without a code is a fault of ours or of the machine: tried again this often, then reported. */
const ATTEMPTS_OF_UNKNOWN = 3;

/** Lines of a stack, and characters of a message, that are kept. */
const LINES = 6;
const CHARACTERS = 400;

/** The server keeps 4 KB of the failure of an attempt that is tried again, and nothing at all of a larger one. */
function shortened(error: unknown): Error {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const cause = new Error(message.slice(0, CHARACTERS));
  return Object.assign(cause, {
    name,
    stack: stack
      .slice(0, 3 * CHARACTERS)
      .split('\n')
      .slice(0, LINES)
      .join('\n'),
  });
}

/**
 * The error that crosses to the workflow: type = code, details = [problems, attempt], non-retryable by the code.
 * A cancellation stays what it is. Causes stay behind: the worker's log has them, and a failure must be small.
 */
export function activityFailure(
  failed: unknown,
  attempt: number,
  options: Pick<ApplicationFailureOptions, 'nextRetryDelay'> = {},
): Error {
  const error = diskFull(failed) ?? failed;
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  if (error instanceof TemperError) {
    // What ends a run is told in full.
    const cut = (text: string) => (error.retryable ? text.slice(0, CHARACTERS) : text);
    const problems = error.problems.map((p) => (p.found === undefined ? p : { ...p, found: cut(p.found) }));
    return ApplicationFailure.create({
      message: error.retryable ? error.message.slice(0, 2 * CHARACTERS) : error.message,
      type: error.code,
      nonRetryable: !error.retryable,
      details: [problems, attempt],
      ...options,
    });
  }
  const cause = shortened(error);
  const problems: Problem[] = [{ path: '', message: cause.message }];
  return ApplicationFailure.create({
    message: cause.message || cause.name,
    type: 'UNKNOWN',
    nonRetryable: attempt >= ATTEMPTS_OF_UNKNOWN,
    details: [problems, attempt],
    cause,
  });
}
