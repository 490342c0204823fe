import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { markUsed, pruneEntries } from './entry-pruning.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const HOUR = 3600_000;

it('removes whole entries, those used longest ago first, until the rest fits', async () => {
  await using folder = await temporaryFolder();
  const now = Date.now();
  const at = (hoursAgo: number) => new Date(now - hoursAgo * HOUR);
  const entry = async (name: string, hoursAgo: number) => {
    const file = join(folder.path, name, 'model.safetensors');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, Buffer.alloc(8192, 1));
    await utimes(file, at(hoursAgo), at(hoursAgo));
    await utimes(dirname(file), at(hoursAgo), at(hoursAgo));
  };
  await entry('hf/oldest', 50);
  await entry('hf/old', 40);
  await entry('pypi/tool-bin-1', 90);
  await entry('pypi/used', 60);
  await entry('pypi/new', 2);
  await markUsed(join(folder.path, 'pypi/used'));
  const bounds = { inUse: 24 * HOUR, depth: 2, spared: (name: string) => name.includes('-bin-') };
  const removed = await pruneEntries(folder.path, { ...bounds, maxBytes: 25_000 }, now);
  expect(removed.map(({ name }) => name)).toEqual([join('hf', 'oldest')]);
  // What was used within a day stays, however little room there is.
  await pruneEntries(folder.path, { ...bounds, maxBytes: 0 }, now);
  expect(await readdir(join(folder.path, 'hf'))).toEqual([]);
  expect((await readdir(join(folder.path, 'pypi'))).sort()).toEqual(['new', 'tool-bin-1', 'used']);
  expect(await pruneEntries(join(folder.path, 'none'), { maxBytes: 0, inUse: 0 })).toEqual([]);
});
