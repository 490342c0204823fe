import {
  isGrpcServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  WorkflowUpdateStage,
  type Client,
  type ConnectionLike,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  TemperError,
  type ControlAnswer,
  type ControlInput,
  type ControlUpdate,
  type ErrorCode,
  type Problem,
} from '@temper/contracts';

/**
 * Milliseconds for a worker to take the request, and for a trainer to write its checkpoint besides. The server keeps ten
 * seconds for the worker that had the run last, even where that one is gone.
 */
const ACCEPTED_WITHIN = 30_000;
const ANSWERED_WITHIN = 60_000;

/**
 * Asks an open run for something and returns when it is in force, or accepted where it has to wait. A refusal of the
 * run itself comes back as the TemperError that it is.
 */
export async function askRun(
  client: Client,
  connection: ConnectionLike,
  runId: string,
  update: ControlUpdate,
  input: ControlInput,
): Promise<ControlAnswer> {
  const handle = client.workflow.getHandle(runId);
  try {
    const asked = await connection.withDeadline(Date.now() + ACCEPTED_WITHIN, () =>
      handle.startUpdate<ControlAnswer, [ControlInput]>(update, {
        args: [input],
        waitForStage: WorkflowUpdateStage.ACCEPTED,
      }),
    );
    return await connection.withDeadline(Date.now() + ANSWERED_WITHIN, () => asked.result());
  } catch (error) {
    throw asTemperError(error, runId, update);
  }
}

/** The SDK's word for a deadline that ran out, where it has no better one: grpc.status DEADLINE_EXCEEDED. */
function isLate(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) if (isGrpcServiceError(e)) return Number(e.code) === 4;
  return false;
}

function asTemperError(error: unknown, runId: string, update: ControlUpdate): unknown {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isLate(error)) {
    const hint = 'temper up (or temper worker) starts one; then ask again';
    const message = `no worker answered to ${update} in time`;
    return new TemperError('SERVICE_UNAVAILABLE', { path: runId, message, hint }, { cause: error });
  }
  const { cause } = error as { cause?: unknown };
  if (!(error instanceof WorkflowUpdateFailedError) || !(cause instanceof ApplicationFailure)) return error;
  const [problems] = (cause.details ?? []) as [readonly Problem[] | undefined];
  const named = (problems ?? [{ path: '', message: cause.message }]).map((p) => ({
    ...p,
    path: p.path || runId,
  }));
  const code: ErrorCode = cause.type === 'SPEC_INVALID' ? 'SPEC_INVALID' : 'CONTROL_REFUSED';
  return new TemperError(code, named, { cause: error });
}
