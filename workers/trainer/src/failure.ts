import { diskFull, outOfMemory, TemperError } from '@temper/contracts';
import type { TrainerEvent } from '@temper/training';

export type Failure = TrainerEvent & { readonly type: 'error' };

/** An error as it is told to who cannot be thrown at: another process, or another thread. */
export function failure(failed: unknown): Failure {
  const error = diskFull(failed) ?? outOfMemory(failed) ?? failed;
  if (error instanceof TemperError) return { type: 'error', code: error.code, problems: error.problems };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { type: 'error', code: 'UNKNOWN', problems: [{ path: 'trainer', message }] };
}
