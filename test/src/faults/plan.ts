/** Where a trainer of these tests dies or waits: read by faulty-trainer.ts, once for each process. */
export interface Plan {
  /** Each fires once, in whatever process gets there first. */
  readonly deaths?: readonly Death[];
  /** Milliseconds that every optimizer step takes longer. */
  readonly slowMs?: number;
  /** Bytes of address space for the first process of the run (RLIMIT_AS). */
  readonly addressSpace?: number;
}

export type Death =
  /** Inside optimizer step `step` (from 1): before the update is made, or after it. */
  | { readonly at: 'step'; readonly step: number; readonly when: 'before' | 'after' }
  /** In the gradients of step `step`, after its micro-batch `micro` (from 1). */
  | { readonly at: 'micro'; readonly step: number; readonly micro: number }
  /** In an evaluation, after the process's `batch`-th evaluated batch. */
  | { readonly at: 'evaluation'; readonly batch: number }
  /** In the checkpoint of step `step`, when `puts` of its writes have landed. */
  | { readonly at: 'save'; readonly step: number; readonly puts: number };

/** Environment variable with the plan's file; next to it `FILE.log` has a line for each thing that happened. */
export const PLAN = 'TEMPER_FAULT_PLAN';

/** A line of that log. */
export type Happened =
  | { readonly died: number; readonly pid: number }
  | { readonly saved: number; readonly puts: number }
  | { readonly limited: number };
