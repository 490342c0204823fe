import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DOWN, readPrivateJson, UnreadableState, writePrivateJson } from './private-file.js';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const pathOf = (folder: string) => join(folder, 'credentials.json');
const isWhole = (kept: Partial<Credentials>) => Boolean(kept.accessKeyId && kept.secretAccessKey);

/** The keys that the embedded store runs with. */
export async function runningCredentials(folder: string): Promise<Credentials> {
  const kept = await readPrivateJson<Credentials>(pathOf(folder), isWhole, DOWN);
  if (kept) return kept;
  throw new UnreadableState(pathOf(folder), 'no such file, and the store runs with its keys', DOWN);
}

/**
 * Keys for a store that is about to start: made once for a folder, kept in `credentials.json` (0600). The store is told
 * them at each start, so that new ones mend a file that cannot be read.
 */
export async function folderCredentials(folder: string): Promise<Credentials> {
  const kept = await readPrivateJson<Credentials>(pathOf(folder), isWhole, DOWN).catch((error: unknown) => {
    if (error instanceof UnreadableState) return undefined;
    throw error;
  });
  if (kept) return kept;
  const made = {
    accessKeyId: `TEMPER${randomBytes(7).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  };
  writePrivateJson(pathOf(folder), made);
  return made;
}
