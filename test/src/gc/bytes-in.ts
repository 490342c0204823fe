import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What the files of a folder take on the disk. */
export async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.blocks ?? 0),
  );
  return sizes.reduce((sum, blocks) => sum + 512 * blocks, 0);
}
