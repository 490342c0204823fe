import { availableParallelism } from 'node:os';

/**
 * Threads of one trainer where several share the machine: none waits for another one's cores. Results are equal bit for
 * bit for equal threads only, so a run whose digest must not depend on its worker names `resources.threads`.
 */
export const threadsOf = (slots: number, cores = availableParallelism()): number =>
  Math.max(1, Math.floor(cores / slots));
