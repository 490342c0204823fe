import { defineQuery } from '@temporalio/workflow';
import type { RunProgress } from '@temper/contracts';

/** Where the run is: every stage with its status, time and attempts; the result once there is one. */
export const progressQuery = defineQuery<RunProgress>('progress');
