import { defineQuery } from '@temporalio/workflow';
import type { SweepProgress } from '@temper/spec';

/** Where the sweep is: counts, the best so far, the trials (of very many the running and the best). */
export const sweepProgressQuery = defineQuery<SweepProgress>('progress');
