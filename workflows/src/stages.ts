import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Provider, StageName } from '@temper/contracts';
import type { StageActivities } from '@temper/spec';
import { priorityOf } from '@temper/spec/priority';
import { policyOf } from './policies-of.js';
import { queuesFor } from './queues.js';
import { stageSummary } from './stage-summary.js';

/** How a stage is called by somebody's own workflow; timeouts, retries and queue are those of `fineTune`, but for what is given. */
export interface StageCallOptions extends ActivityOptions {
  /** Of the device that train and evaluate wait for; default: what the spec's `resources.pool` names, else cpu. */
  readonly provider?: Provider | undefined;
  /** Of the installation whose workers do it; default: as the queue of the workflow itself, else `temper`. */
  readonly queuePrefix?: string | undefined;
}

const devices: readonly StageName[] = ['train', 'evaluate'];

/** One stage as an activity of somebody's own workflow. */
function stage<S extends StageName>(name: S) {
  type Input = Parameters<StageActivities[S]>[0];
  type Output = Awaited<ReturnType<StageActivities[S]>>;
  return (input: Input, options: StageCallOptions = {}): Promise<Output> => {
    const { provider, queuePrefix, retry, ...given } = options;
    const { pool } = input.spec.resources;
    const queues = queuesFor({ queuePrefix });
    const policy = policyOf(name);
    const proxy = proxyActivities<Record<string, (input: Input) => Promise<Output>>>({
      ...policy,
      taskQueue: devices.includes(name)
        ? queues.device[provider ?? (pool === 'auto' ? 'cpu' : pool)]
        : queues.workflow,
      priority: priorityOf(input.spec),
      summary: stageSummary(name, input.spec),
      ...given,
      retry: { ...policy.retry, ...retry },
    });
    return proxy[name]!(input);
  };
}

/** Sources → data set and base model, both stored by content. */
export const ingest = stage('ingest');
/** Clean, split, tokenise. */
export const preprocess = stage('preprocess');
/** Trains from the run's checkpoint, where there is one, on the queue of a device. */
export const train = stage('train');
/** Base model against fine-tuned model on the test split, and the gate. */
export const evaluate = stage('evaluate');
/** Checkpoint → version and alias in the registry. */
export const publish = stage('publish');
