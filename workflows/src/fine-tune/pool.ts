import { log, proxyLocalActivities } from '@temporalio/workflow';
import type { Provider } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { choosePoolPolicy } from '../policies.js';

/** Implemented next to the stages: needs the Temporal server, so the workflow cannot ask itself. */
export interface PoolActivities {
  /** The best provider that has live workers: a GPU that is really there, never a software one; else the CPU. */
  choosePool(): Promise<Provider>;
}

const { choosePool } = proxyLocalActivities<PoolActivities>(choosePoolPolicy);

/** The provider that trains this run. A pool that the spec names is taken at its word, workers or not. */
export async function poolFor(spec: PipelineSpec): Promise<Provider> {
  if (spec.resources.pool !== 'auto') return spec.resources.pool;
  try {
    return await choosePool();
  } catch (error) {
    log.warn('the pools cannot be compared, training goes to the CPU pool', { error });
    return 'cpu';
  }
}
