import { namesNothing } from './no-such.js';

/** Whether a run goes on; `unknown` where nobody knows it, as where its history has expired. */
export type RunState = 'running' | 'ended' | 'unknown';

/** Of Temporal's client, whoever made it: a program's own, or that of an activity. */
interface RunsClient {
  readonly workflow: {
    getHandle(runId: string): {
      describe(): Promise<{ readonly status: { readonly name: string } }>;
    };
  };
}

/** Whether a run goes on. Its history may have expired, or it may be another server's: then nobody knows. */
export async function runState(client: RunsClient, runId: string): Promise<RunState> {
  try {
    const { status } = await client.workflow.getHandle(runId).describe();
    return status.name === 'RUNNING' ? 'running' : 'ended';
  } catch (error) {
    if (namesNothing(error)) return 'unknown';
    throw error;
  }
}
