import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pruneCache } from './cache-pruning.js';
import { temporaryFolder } from './testing/temporary-folder.js';

it('removes what was used longest ago until the rest fits, and what crashed downloads left', async () => {
  await using folder = await temporaryFolder();
  const now = Date.now();
  const file = async (name: string, hoursAgo: number) => {
    const path = join(folder.path, name);
    await writeFile(path, Buffer.alloc(100));
    await utimes(path, new Date(now - hoursAgo * 3600_000), new Date(now - hoursAgo * 3600_000));
  };
  await Promise.all([
    file('oldest', 9),
    file('old', 8),
    file('new', 2),
    file('x.part', 30),
    file('y.part', 1),
  ]);
  await pruneCache(folder.path, 200, now);
  expect((await readdir(folder.path)).sort()).toEqual(['new', 'old', 'y.part']);
  // What was used a moment ago stays, however little room there is.
  await file('just now', 0);
  await pruneCache(folder.path, 1, now);
  expect((await readdir(folder.path)).sort()).toEqual(['just now', 'y.part']);
});
