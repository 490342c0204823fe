import { TemperError } from './errors.js';

const codes = new Set(['ENOSPC', 'EDQUOT']);
const words = /no space left on device|disk quota exceeded/i;

/**
 * DISK_FULL where an error, or what caused it, says that a disk or a quota is full; else undefined. Libraries that write
 * by themselves keep only the system's words.
 */
export function diskFull(error: unknown): TemperError | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof TemperError && at.code === 'DISK_FULL') return at;
    const { code, path } = at as NodeJS.ErrnoException;
    if (!codes.has(code ?? '') && !words.test(at.message)) continue;
    return new TemperError(
      'DISK_FULL',
      {
        path: path ?? 'TEMPER_HOME',
        message: 'the disk is full',
        found: at.message,
        hint: 'free space where TEMPER_HOME lies, its cache/ may be deleted; the stage is tried again by itself',
      },
      { cause: error },
    );
  }
  return undefined;
}
