import { exitCodes } from '../exit-codes.js';

/** As shells have it for a process ended by Ctrl-C. */
const INTERRUPTED = 130;

/** Undefined: the follower was interrupted, the run goes on. */
export function exitCodeOf(result: { readonly status: string } | undefined): number {
  if (result === undefined) return INTERRUPTED;
  if (result.status === 'unknown') return exitCodes.unknown;
  const done = result.status === 'completed' || result.status === 'unchanged';
  return done ? exitCodes.done : exitCodes.failed;
}
