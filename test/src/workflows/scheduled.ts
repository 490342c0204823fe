import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { fineTuneWorkflow, queuesOf, type RunResult } from '@temper/contracts';
import { type FineTuneInput } from '@temper/spec';
import type { WorkflowHarness } from './harness.js';

/** A schedule that runs when it is told to; each run is waited for, and answers its result, failed or not (cancelled: none). */
export async function scheduled(
  { client }: WorkflowHarness,
  input: FineTuneInput,
  use: (run: () => Promise<RunResult | undefined>) => Promise<void>,
  scheduleId = `nightly-${randomUUID()}`,
): Promise<void> {
  const handle = await client.schedule.create({
    scheduleId,
    spec: {},
    action: {
      type: 'startWorkflow',
      workflowType: fineTuneWorkflow,
      args: [input],
      workflowId: scheduleId,
      taskQueue: queuesOf().workflow,
    },
  });
  let runs = 0;
  const run = async (): Promise<RunResult | undefined> => {
    // Only a run that is not started beside others is told the result of the one before.
    await handle.trigger(ScheduleOverlapPolicy.BUFFER_ALL);
    runs += 1;
    for (;;) {
      const { recentActions, runningActions } = (await handle.describe()).info;
      const last = recentActions.at(-1)?.action.workflow;
      if (last && recentActions.length === runs && !runningActions.length) {
        const execution = client.workflow.getHandle(last.workflowId, last.firstExecutionRunId);
        return execution
          .result()
          .catch((error: { cause: { details?: [RunResult] } }) => error.cause.details?.[0]);
      }
      await sleep(50);
    }
  };
  await use(run);
}
