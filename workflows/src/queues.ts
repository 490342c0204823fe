import { workflowInfo } from '@temporalio/workflow';
import type { Orchestration, Queues } from '@temper/contracts';
import { queuesOf } from '@temper/contracts/queues';

const SUFFIX = '-cpu';

/**
 * Where the stages of a run wait. A workflow on a queue of a name of its own, as in a worker that is not ours, has its
 * light stages beside it.
 */
export function queuesFor({ queuePrefix }: Orchestration = {}): Queues {
  const { taskQueue } = workflowInfo();
  const own = taskQueue.endsWith(SUFFIX) ? taskQueue.slice(0, -SUFFIX.length) : undefined;
  return { ...queuesOf(queuePrefix ?? own), workflow: taskQueue };
}
