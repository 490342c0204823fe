import type { Rig } from './rig.js';

type Failure = {
  message?: string | null;
  applicationFailureInfo?: { type?: string | null } | null;
  cause?: Failure | null;
};

/** The events of a run's newest execution. */
export async function eventsOf(rig: Rig, workflowId: string, execution?: string) {
  const history = await rig.client.temporal.workflow.getHandle(workflowId, execution).fetchHistory();
  return history.events ?? [];
}

/** Why attempts failed that were followed by another one: `TRAINER_DIED the trainer process …`. */
export async function failuresOf(rig: Rig, runId: string): Promise<string[]> {
  const found = (await eventsOf(rig, runId)).map(
    (event) => event.activityTaskStartedEventAttributes?.lastFailure as Failure | undefined,
  );
  return found.flatMap((failure) =>
    failure ? [`${failure.applicationFailureInfo?.type ?? ''} ${failure.message ?? ''}`] : [],
  );
}

/** The content of every payload in an event, however deep. */
export function payloadsIn(value: unknown): Buffer[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { data, metadata } = value as { data?: unknown; metadata?: unknown };
  if (metadata && data instanceof Uint8Array) return [Buffer.from(data)];
  return Object.values(value).flatMap(payloadsIn);
}
