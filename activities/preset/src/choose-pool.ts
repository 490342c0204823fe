import { Context } from '@temporalio/activity';
import { deviceQueueOf, type Provider } from '@temper/contracts';
import type { PoolActivities } from '@temper/workflows';
import { isSoftware } from './identity.js';

/** Who asked a queue for work, and when (milliseconds since 1970). */
export type Pollers = (queue: string) => Promise<readonly { identity: string; lastSeen: number }[]>;

/** Fastest first. */
const gpus = ['cuda', 'webgpu'] as const satisfies readonly Provider[];

/** A poll waits up to a minute for work, so a worker that has been silent for longer than that is gone. */
const SILENT = 80_000;
/** temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY */
const ACTIVITY_TASKS = 2;

/** What `resources.pool: auto` means: a GPU that is really there and has a live worker, else the CPU. */
export async function chooseProvider(pollers: Pollers, now = Date.now()): Promise<Provider> {
  for (const provider of gpus) {
    const seen = await pollers(deviceQueueOf[provider]);
    if (seen.some(({ identity, lastSeen }) => now - lastSeen < SILENT && !isSoftware(identity)))
      return provider;
  }
  return 'cpu';
}

/** The local activity behind it. */
export const poolActivities: PoolActivities = {
  choosePool: () => {
    const { client } = Context.current();
    return chooseProvider(async (queue) => {
      const { pollers } = await client.workflowService.describeTaskQueue({
        namespace: client.options.namespace,
        taskQueue: { name: queue },
        taskQueueType: ACTIVITY_TASKS,
      });
      return (pollers ?? []).map(({ identity, lastAccessTime }) => ({
        identity: identity ?? '',
        lastSeen: Number(lastAccessTime?.seconds ?? 0) * 1000,
      }));
    });
  },
};
