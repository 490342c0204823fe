import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJsonFile, writePrivateJson } from './private-file.js';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The embedded store's keys: made once for a folder, kept in `credentials.json` (0600). */
export async function folderCredentials(folder: string): Promise<Credentials> {
  const path = join(folder, 'credentials.json');
  const kept = await readJsonFile<Partial<Credentials>>(path);
  if (kept?.accessKeyId && kept.secretAccessKey) {
    return { accessKeyId: kept.accessKeyId, secretAccessKey: kept.secretAccessKey };
  }
  const made = {
    accessKeyId: `TEMPER${randomBytes(7).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  };
  await writePrivateJson(path, made);
  return made;
}
