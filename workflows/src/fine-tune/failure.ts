import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  TemporalFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { errorCodes, type ErrorCode, type Problem } from '@temper/contracts/errors';
import type { RunResult } from '@temper/contracts';

/** The details of the ApplicationFailure that a stage's activity fails with. */
export type FailureDetails = [problems: readonly Problem[], attempt: number, preemptions?: number];

export type RunError = NonNullable<RunResult['error']>;

/** What an activity's failure means: its code and problems travel as type and details. */
export function runErrorOf(
  failure: TemporalFailure,
): Omit<RunError, 'stage'> & { attempts?: number; preemptions?: number } {
  const cause = failure instanceof ActivityFailure && failure.cause ? failure.cause : failure;
  if (cause instanceof ApplicationFailure) {
    const [problems = [], attempts, preemptions] = (cause.details ?? []) as Partial<FailureDetails>;
    return {
      code: isErrorCode(cause.type) ? cause.type : 'UNKNOWN',
      message: cause.message,
      problems,
      ...(attempts === undefined ? {} : { attempts }),
      ...(preemptions ? { preemptions } : {}),
    };
  }
  if (cause instanceof TimeoutFailure) {
    const message = 'no worker finished this stage in time; is one running for its pool?';
    return { code: 'SERVICE_UNAVAILABLE', message, problems: [{ path: '', message }] };
  }
  return { code: 'UNKNOWN', message: cause.message, problems: [] };
}

/** The failure that the workflow ends with: never retried as a whole, `details[0]` is the RunResult. */
export const failureOf = (result: RunResult, cause: TemporalFailure): ApplicationFailure =>
  ApplicationFailure.create({
    message: result.error?.message ?? 'the run failed',
    type: result.error?.code ?? 'UNKNOWN',
    nonRetryable: true,
    details: [result],
    cause,
  });

/**
 * Only what Temporal reports ends a run. Anything else that is thrown is a fault of the workflow code: it fails the
 * workflow task, which is tried again after the fault is mended, and no run is lost.
 */
export const endsRun = (error: unknown): error is TemporalFailure =>
  error instanceof TemporalFailure || isCancellation(error);

const isErrorCode = (type: string | null | undefined): type is ErrorCode => !!type && type in errorCodes;
