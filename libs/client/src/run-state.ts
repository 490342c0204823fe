import type { Client } from '@temporalio/client';
import { namesNothing } from '@temper/contracts';
import type { RunState } from '@temper/storage';

/** Whether a run goes on. Its history may have expired, or it may be another server's: then nobody knows. */
export async function runState(client: Client, runId: string): Promise<RunState> {
  try {
    const { status } = await client.workflow.getHandle(runId).describe();
    return status.name === 'RUNNING' ? 'running' : 'ended';
  } catch (error) {
    if (namesNothing(error)) return 'unknown';
    throw error;
  }
}
