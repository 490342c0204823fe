import {
  WorkflowFailedError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/client';
import {
  errorCodes,
  type ErrorCode,
  type Problem,
  type RunProgress,
  type RunResult,
  type RunStatus,
} from '@temper/contracts';

/** The end of a run, whichever way it ended. A workflow that has not ended is waited for. */
export async function runResult(handle: WorkflowHandle, runId: string): Promise<RunResult> {
  try {
    return (await handle.result()) as RunResult;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return resultOfFailure(runId, error);
  }
}

/** The workflow's own RunResult where it travels in the failure's details, else what the causes tell. */
export function resultOfFailure(runId: string, failure: WorkflowFailedError): RunResult {
  const causes = [...chain(failure.cause)];
  const carried = causes.flatMap((c) => (c as { details?: unknown[] }).details ?? []).find(isRunResult);
  if (carried) return carried;
  const cancelled = causes.some((c) => c instanceof CancelledFailure || c instanceof TerminatedFailure);
  const innermost = causes.at(-1);
  const type = causes.map((c) => (c as { type?: string | null }).type).find(isErrorCode);
  const problems = causes.flatMap((c) => (c as { details?: unknown[] }).details ?? []).find(isProblems);
  const timedOut = causes.some((c) => c instanceof TimeoutFailure);
  return {
    runId,
    status: cancelled ? 'cancelled' : 'failed',
    metrics: {},
    stages: [],
    artifacts: {},
    error: cancelled
      ? undefined
      : {
          code: type ?? (timedOut ? 'TRAINER_DIED' : 'UNKNOWN'),
          message: innermost?.message ?? failure.message,
          problems: problems ?? [],
        },
  };
}

/** Of a run whose server is out of reach: whether it goes on cannot be said. */
export function unknownResult(runId: string, progress: RunProgress | undefined): RunResult {
  const message = 'the Temporal server is out of reach, so how the run goes is not known; it may well go on';
  const hint = `temper runs watch ${runId} follows it again`;
  return {
    runId,
    status: 'unknown',
    metrics: {},
    stages: progress?.stages ?? [],
    artifacts: {},
    error: { code: 'SERVICE_UNAVAILABLE', message, problems: [{ path: runId, message, hint }] },
  };
}

const statuses: Partial<Record<WorkflowExecutionDescription['status']['name'], RunStatus>> = {
  RUNNING: 'running',
  PAUSED: 'running',
  CONTINUED_AS_NEW: 'running',
  COMPLETED: 'completed',
  CANCELLED: 'cancelled',
  TERMINATED: 'cancelled',
};

export const statusOf = (name: WorkflowExecutionDescription['status']['name']): RunStatus =>
  statuses[name] ?? 'failed';

function* chain(error: unknown): Generator<Error> {
  for (let e = error; e instanceof Error; e = e.cause) yield e;
}

const isErrorCode = (type: unknown): type is ErrorCode => typeof type === 'string' && type in errorCodes;
const isRunResult = (value: unknown): value is RunResult =>
  typeof value === 'object' && value !== null && 'runId' in value && 'stages' in value && 'status' in value;
const isProblems = (value: unknown): value is readonly Problem[] =>
  Array.isArray(value) && value.every((p) => typeof (p as Problem)?.message === 'string');
