import { nearest, TemperError, type ErrorCode } from '@temper/contracts';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** NOT_FOUND for a path, with the nearest name that is there. */
export async function missingFile(path: string, shown: string): Promise<TemperError> {
  let existing = dirname(path);
  let wanted = basename(path);
  let names: string[] | undefined;
  while (!names) {
    names = await readdir(existing).catch(() => undefined);
    if (names || dirname(existing) === existing) break;
    wanted = basename(existing);
    existing = dirname(existing);
  }
  const near = nearest(wanted, names ?? []);
  const name = near && join(existing === dirname(path) ? dirname(shown) : existing, near);
  return new TemperError('NOT_FOUND', {
    path: shown,
    message: 'no such file or folder',
    ...(near ? { hint: `did you mean ${name}?` } : {}),
  });
}

/** A source that is there but holds nothing usable, or too much. */
export function unusable(
  uri: string,
  message: string,
  found: readonly string[],
  hint?: string,
  code: ErrorCode = 'DATA_INVALID',
): TemperError {
  const shown = found.slice(0, 8).join(', ') + (found.length > 8 ? `, … (${found.length})` : '');
  return new TemperError(code, { path: uri, message, found: shown || 'nothing', ...(hint ? { hint } : {}) });
}
