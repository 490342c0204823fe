import { proxyActivities } from '@temporalio/workflow';
import type { Collected, CollectInput, JanitorActivities } from '@temper/contracts';
import { checkOrchestration } from '../check-orchestration.js';
import { policyOf } from '../policies-of.js';
import { queuesFor } from '../queues.js';

/** One collection of what nothing needs, on a worker whose role may remove it (docs/operations.md). */
export async function collectGarbage(input: CollectInput = {}): Promise<Collected> {
  const { orchestration, ...asked } = input;
  checkOrchestration(orchestration);
  const { collectGarbage: collect } = proxyActivities<JanitorActivities>({
    taskQueue: queuesFor(orchestration).workflow,
    ...policyOf('collectGarbage', orchestration),
    summary: asked.dryRun ? 'says what nothing needs' : 'removes what nothing needs',
  });
  return collect(asked);
}
