import { proxyActivities } from '@temporalio/workflow';
import type { Orchestration, Provider, StageName } from '@temper/contracts';
import type { PipelineSpec, StageActivities } from '@temper/spec';
import { priorityOf } from '@temper/spec/priority';
import { policyOf } from '../policies-of.js';
import { queuesFor } from '../queues.js';
import { stageSummary } from '../stage-summary.js';

/** The stages that need no device; they run where the workflow runs. */
export const lightStages = (spec: PipelineSpec, orchestration?: Orchestration) =>
  proxied<Pick<StageActivities, 'ingest' | 'preprocess' | 'publish'>>(
    spec,
    queuesFor(orchestration).workflow,
    orchestration,
  );

/** The stages that need a device, on the queue of its pool. */
export const deviceStages = (spec: PipelineSpec, provider: Provider, orchestration?: Orchestration) =>
  proxied<Pick<StageActivities, 'train' | 'evaluate'>>(
    spec,
    queuesFor(orchestration).device[provider],
    orchestration,
  );

/** Activities with the policy of each, and its own summary. */
function proxied<A extends Partial<StageActivities>>(
  spec: PipelineSpec,
  taskQueue: string,
  orchestration: Orchestration | undefined,
): A {
  return new Proxy({} as A, {
    get: (_, name: StageName) => (input: unknown) => {
      const proxy = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({
        taskQueue,
        ...policyOf(name, orchestration),
        // Who goes first where runs wait, and that one pipeline with many runs does not starve the others.
        priority: priorityOf(spec),
        summary: stageSummary(name, spec),
      });
      return proxy[name]!(input);
    },
  });
}
