import { log, proxyLocalActivities } from '@temporalio/workflow';
import type { Orchestration, Provider, Queues } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { policyOf } from '../policies-of.js';
import { queuesFor } from '../queues.js';

/** Implemented next to the stages: needs the Temporal server, so the workflow cannot ask itself. */
export interface PoolActivities {
  /** The best provider that has live workers: a GPU that is really there, never a software one; else the CPU. */
  choosePool(queues?: Queues['device']): Promise<Provider>;
}

/** The provider that trains this run. A pool that the spec names is taken at its word, workers or not. */
export async function poolFor(spec: PipelineSpec, orchestration?: Orchestration): Promise<Provider> {
  if (spec.resources.pool !== 'auto') return spec.resources.pool;
  try {
    const { choosePool } = proxyLocalActivities<PoolActivities>(policyOf('choosePool', orchestration));
    return await choosePool(queuesFor(orchestration).device);
  } catch (error) {
    log.warn('the pools cannot be compared, training goes to the CPU pool', { error });
    return 'cpu';
  }
}
