import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Orchestration, Provider, StageName } from '@temper/contracts';
import type { PipelineSpec, StageActivities } from '@temper/spec';
import { priorityOf } from '@temper/spec/priority';
import { sourceInWords } from '@temper/contracts/shown-source';
import { devicePolicy, stagePolicy } from '../policies.js';
import { queuesFor } from '../queues.js';

/** One line a stage in the Temporal UI, written before the stage has run. */
const summaries: { readonly [S in StageName]: (spec: PipelineSpec) => string } = {
  ingest: (spec) => `${sourceInWords(spec.dataset.train)}; ${sourceInWords(spec.model.base)}`,
  preprocess: (spec) => `up to ${spec.tokenize.maxLength} tokens, for ${spec.task}`,
  train: ({ method, training }) =>
    `${method.type}, ${training.maxSteps ? `${training.maxSteps} steps` : `${training.epochs} epochs`} of batches of ${training.trainBatchSize}`,
  evaluate: () => 'base model against fine-tuned model, test split',
  publish: (spec) => `${spec.publish.model}@${spec.publish.alias}`,
};

/** The stages that need no device; they run where the workflow runs. */
export const lightStages = (spec: PipelineSpec, orchestration?: Orchestration) =>
  proxied<Pick<StageActivities, 'ingest' | 'preprocess' | 'publish'>>(spec, {
    ...stagePolicy,
    taskQueue: queuesFor(orchestration).workflow,
  });

/** The stages that need a device, on the queue of its pool. */
export const deviceStages = (spec: PipelineSpec, provider: Provider, orchestration?: Orchestration) =>
  proxied<Pick<StageActivities, 'train' | 'evaluate'>>(spec, {
    ...devicePolicy,
    taskQueue: queuesFor(orchestration).device[provider],
  });

/** Activities with the options above, each with its own summary. */
function proxied<A extends Partial<StageActivities>>(spec: PipelineSpec, options: ActivityOptions): A {
  return new Proxy({} as A, {
    get: (_, name: string) => (input: unknown) => {
      const proxy = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({
        ...options,
        // Who goes first where runs wait, and that one pipeline with many runs does not starve the others.
        priority: priorityOf(spec),
        summary: summaries[name as StageName](spec),
      });
      return proxy[name]!(input);
    },
  });
}
