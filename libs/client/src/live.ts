import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { stageNames, type StageHeartbeat, type StageName } from '@temper/contracts';

/** A stage that is being worked on, as the server knows it: more is known here than the workflow knows. */
export interface LiveStage {
  readonly stage: StageName;
  readonly attempt: number;
  /** `waiting`: no worker has taken it, or it waits for its next attempt. */
  readonly state: 'waiting' | 'running';
  readonly heartbeat?: StageHeartbeat | undefined;
  readonly heartbeatAt?: Date | undefined;
  /** Why the attempt before this one failed. */
  readonly lastFailure?: string | undefined;
  readonly worker?: string | undefined;
}

const STARTED = 2; // temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_STARTED

export async function liveStages(
  client: Client,
  description: WorkflowExecutionDescription,
): Promise<LiveStage[]> {
  const pending = description.raw.pendingActivities ?? [];
  const stages = await Promise.all(
    pending.map(async (activity): Promise<LiveStage | undefined> => {
      const stage = stageNames.find((name) => name === activity.activityType?.name);
      if (!stage) return undefined;
      const { loadedDataConverter: converter } = client.options;
      const [heartbeat] = await decodeArrayFromPayloads(converter, activity.heartbeatDetails?.payloads);
      const failure = await decodeOptionalFailureToOptionalError(converter, activity.lastFailure);
      return {
        stage,
        attempt: activity.attempt ?? 1,
        state: activity.state === STARTED ? 'running' : 'waiting',
        heartbeat: heartbeat as StageHeartbeat | undefined,
        heartbeatAt: dateOf(activity.lastHeartbeatTime),
        lastFailure: failure?.message,
        worker: activity.lastWorkerIdentity || undefined,
      };
    }),
  );
  return stages.filter((s): s is LiveStage => s !== undefined);
}

const dateOf = (timestamp: { seconds?: unknown; nanos?: number | null } | null | undefined) =>
  timestamp ? new Date(Number(timestamp.seconds ?? 0) * 1000 + (timestamp.nanos ?? 0) / 1e6) : undefined;
