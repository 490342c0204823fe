import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './lock.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('lets one in at a time, and leaves nothing behind', async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(folder, work)));
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

it('is taken over from a holder that is dead, by one of those who wait', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  await writeFile(join(folder, 'lock'), JSON.stringify({ pid, startTime: '1' }));
  let inside = 0;
  const work = async () => {
    expect(++inside).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(folder, work)));
  expect(await readdir(folder)).toEqual([]);
});

it('is let go when the work fails, and says who holds it when the wait is over', async () => {
  await expect(withLock(folder, () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
  await withLock(folder, async () => {
    await expect(withLock(folder, async () => undefined, 100)).rejects.toThrow(`(pid ${process.pid})`);
  });
});
