import { ApplicationFailure, CancelledFailure, type ApplicationFailureOptions } from '@temporalio/common';
import { diskFull, outOfMemory, TemperError, type Problem } from '@temper/contracts';

/** An error without a code is a fault of ours or of the machine: tried again this often, then reported. */
const ATTEMPTS_OF_UNKNOWN = 3;
/** A fault of the infrastructure that is not over after so many attempts never will be. */
const ATTEMPTS = 1000;

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

/** What is said besides the error itself. */
export interface FailureOptions extends Pick<ApplicationFailureOptions, 'nextRetryDelay'> {
  /** Attempts that gave their device away: no faults, so they count for nothing. */
  readonly preemptions?: number;
}

/**
 * The error that crosses to the workflow: type = code, details = [problems, attempt, preemptions], non-retryable by the code.
 * A cancellation stays what it is. Causes stay behind: the worker's log has them, and a failure must be small.
 */
export function activityFailure(
  failed: unknown,
  attempt: number,
  { preemptions = 0, ...options }: FailureOptions = {},
): Error {
  const faults = attempt - preemptions;
  const counts = preemptions ? [attempt, preemptions] : [attempt];
  const error = diskFull(failed) ?? outOfMemory(failed) ?? failed;
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  if (error instanceof TemperError) {
    // What ends a run is told in full.
    const cut = (text: string) => (error.retryable ? text.slice(0, CHARACTERS) : text);
    const problems = error.problems.map((p) => (p.found === undefined ? p : { ...p, found: cut(p.found) }));
    return ApplicationFailure.create({
      message: error.retryable ? error.message.slice(0, 2 * CHARACTERS) : error.message,
      type: error.code,
      nonRetryable: !error.retryable || faults >= ATTEMPTS,
      details: [problems, ...counts],
      ...options,
    });
  }
  const cause = shortened(error);
  const problems: Problem[] = [{ path: '', message: cause.message }];
  return ApplicationFailure.create({
    message: cause.message || cause.name,
    type: 'UNKNOWN',
    nonRetryable: faults >= ATTEMPTS_OF_UNKNOWN,
    details: [problems, ...counts],
    cause,
  });
}
