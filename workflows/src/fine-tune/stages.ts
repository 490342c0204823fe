import { proxyActivities } from '@temporalio/workflow';
import type { Orchestration, Provider, Rebuild, StageName } from '@temper/contracts';
import type { CompareActivities, PipelineSpec, StageActivities } from '@temper/spec';
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

/** In place of publish: where it is done, for as long and as often. */
export const comparing = (spec: PipelineSpec, { name, version }: Rebuild, orchestration?: Orchestration) =>
  proxyActivities<CompareActivities>({
    taskQueue: queuesFor(orchestration).workflow,
    ...policyOf('publish', orchestration),
    priority: priorityOf(spec),
    summary: `with ${name}:${version}`,
  });

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
