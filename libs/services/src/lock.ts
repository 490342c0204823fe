import { randomBytes } from 'node:crypto';
import { link, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import { readPrivateJson, writePrivateJson } from './private-file.js';
import { identify, isAlive, isIdentity, type ProcessIdentity } from './process-identity.js';

/**
 * One process at a time starts or stops the services of a folder. The lock is a file that names its holder, so that
 * a holder that was killed does not block the next one.
 */
export async function withLock<T>(folder: string, work: () => Promise<T>, waitMs = 180_000): Promise<T> {
  const path = join(folder, 'lock');
  const end = Date.now() + waitMs;
  // Linking a whole file is atomic: nobody reads a lock without its holder's name.
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writePrivateJson(draft, identify(process.pid));
  try {
    while (!(await linked(draft, path))) await untilFree(path, end);
  } finally {
    await rm(draft, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Breaks the lock of a dead holder, else waits a little. */
async function untilFree(path: string, end: number): Promise<void> {
  const holder = await readHolder(path);
  if (holder && !isAlive(holder)) return breakLock(path, holder);
  if (Date.now() > end) {
    throw new TemperError('SERVICE_UNAVAILABLE', {
      path,
      message: `another process is starting or stopping these services${holder ? ` (pid ${holder.pid})` : ''}`,
      hint: 'wait for it, or end it',
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}

const readHolder = (path: string): Promise<ProcessIdentity | undefined> =>
  readPrivateJson<ProcessIdentity>(
    path,
    isIdentity,
    'if no other temper command is starting or stopping these services, remove the file',
  );

// Of several that break a dead holder's lock one may already have taken it anew: then it is put back.
async function breakLock(path: string, dead: ProcessIdentity): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readHolder(aside);
  const alive = moved && (moved.pid !== dead.pid || moved.startTime !== dead.startTime);
  if (alive) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}
