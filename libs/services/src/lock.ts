import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';

/**
 * One process at a time starts or stops the services of a folder. The lock is a file that names its holder, so that
 * a holder that was killed does not block the next one.
 */
export async function withLock<T>(folder: string, work: () => Promise<T>, waitMs = 180_000): Promise<T> {
  const path = join(folder, 'lock');
  const own = JSON.stringify(identify(process.pid));
  const end = Date.now() + waitMs;
  while (!(await take(path, own))) {
    const holder = await readHolder(path);
    if (holder && !isAlive(holder)) await breakLock(path, holder);
    else if (Date.now() > end) {
      throw new TemperError('SERVICE_UNAVAILABLE', {
        path,
        message: `another process is starting or stopping these services${holder ? ` (pid ${holder.pid})` : ''}`,
        hint: 'wait for it, or end it',
      });
    } else await new Promise((resolve) => setTimeout(resolve, 50));
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

// Linking a complete file is atomic: nobody reads a lock without its holder's name.
async function take(path: string, own: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, own, { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readHolder(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

// Of several that break a dead holder's lock one may already have taken it anew: then it is put back.
async function breakLock(path: string, dead: ProcessIdentity): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readHolder(aside);
  const alive = moved && (moved.pid !== dead.pid || moved.startTime !== dead.startTime);
  if (alive) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}
