import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Fills `folder` once, however many processes ask at the same time: `fill` writes into a folder of its own beside it,
 * which is then renamed into place. A rename is atomic, so the folder is either absent or complete;
 * whoever loses the race uses the winner's.
 */
export async function installOnce(
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<string> {
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    await fill(temporary);
    await rename(temporary, folder);
  } catch (error) {
    if (!lostRace(error) || !existsSync(folder)) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}

// Renaming onto a folder that is not empty: what the file system says when another process was faster.
const lostRace = (error: unknown) =>
  ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
