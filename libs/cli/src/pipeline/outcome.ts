import type { RunResult } from '@temper/contracts';
import { exitCodes } from '../exit-codes.js';

/** As shells have it for a process ended by Ctrl-C. */
export const INTERRUPTED = 130;

/** Undefined: the follower was interrupted, the run goes on. */
export const exitCodeOf = (result: RunResult | undefined): number =>
  result === undefined
    ? INTERRUPTED
    : result.status === 'completed' || result.status === 'unchanged'
      ? exitCodes.done
      : exitCodes.failed;
