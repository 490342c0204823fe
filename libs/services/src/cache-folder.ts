import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where fetched packages and verified blobs are kept, for all projects of this user: `$TEMPER_CACHE` or `~/.cache/temper`. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env['TEMPER_CACHE'] ? resolve(env['TEMPER_CACHE']) : join(homedir(), '.cache', 'temper');
}
