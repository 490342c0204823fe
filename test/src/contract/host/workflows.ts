// A host's own workflows: one of its own alone, one that calls a stage of Temper's.
import { proxyActivities } from '@temporalio/workflow';
import { ingest } from '@temper/activity-ingest/workflow';
import { train } from '@temper/activity-train/workflow';
import type { IngestInput, TrainInput } from '@temper/spec';

const { greet } = proxyActivities<{ greet(name: string): Promise<string> }>({
  startToCloseTimeout: '1 minute',
});

export const hello = (name: string): Promise<string> => greet(name);

/** With a time limit and a number of tries of its own. */
export async function importOnce(input: IngestInput): Promise<string> {
  const { summary } = await ingest(input, {
    startToCloseTimeout: '5 minutes',
    retry: { maximumAttempts: 2 },
  });
  return summary;
}

export async function trainOnce(input: TrainInput): Promise<number> {
  return (await train(input, { heartbeatTimeout: '20s' })).steps;
}
