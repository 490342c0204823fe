import type { Client } from '@temporalio/client';
import { queuesOf, type Provider, type Queues } from '@temper/contracts';

/** A long poll lasts up to 70 s, so a poller that is silent for longer is gone. */
const SILENT = 80_000;
/** temporal.api.enums.v1.TaskQueueType */
const taskType = { workflow: 1, activity: 2 };

/** Identities of the workers of a pool that ask for work now: for workflows on the CPU, for training elsewhere. */
export async function activeWorkers(
  client: Client,
  pool: Provider,
  { workflow, device }: Queues = queuesOf(),
): Promise<string[]> {
  const name = pool === 'cpu' ? workflow : device[pool];
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name },
    taskQueueType: pool === 'cpu' ? taskType.workflow : taskType.activity,
  });
  return (pollers ?? [])
    .filter((p) => Date.now() - Number(p.lastAccessTime?.seconds ?? 0) * 1000 < SILENT)
    .map((p) => p.identity ?? '');
}
