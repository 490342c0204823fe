import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { S3Store } from '@temper/s3';
import { collectGarbage, removeOldUploads, type OpenUpload } from '@temper/storage';
import { expect, it, onTestFinished } from 'vitest';

type Opened = { readonly store: S3Store; readonly env: Readonly<Record<string, string>> };
const PART = 8 * 2 ** 20;
const uploader = fileURLToPath(new URL('../../dist/stores/uploader.js', import.meta.url));

const uploadsOf = async (store: S3Store): Promise<OpenUpload[]> => {
  const found = [];
  for await (const upload of store.openUploads('blobs/')) found.push(upload);
  return found;
};

/** Two processes that upload: one is killed, one goes on with a part every now and then. */
export function removesAbandonedParts(open: () => Opened) {
  it('gives up the parts of an upload whose process was killed, and not those of a running one', async () => {
    const { store, env } = open();
    const start = (key: string) =>
      spawn(process.execPath, [uploader, key], { env: { ...process.env, ...env }, stdio: 'inherit' });
    const children = [start('blobs/sha256/aa/killed'), start('blobs/sha256/aa/running')] as const;
    const [killed, running] = children;
    onTestFinished(() => children.forEach((child) => child.kill('SIGKILL')));
    const sizes = async () => (await uploadsOf(store)).map(({ bytes }) => bytes >= PART);
    await expect.poll(sizes, { timeout: 60_000 }).toEqual([true, true]);
    const exit = once(killed, 'exit');
    killed.kill('SIGKILL');
    await exit;
    // Nothing of it is to be seen yet: it may only be slow.
    expect(await removeOldUploads(store)).toEqual([]);
    const early = await collectGarbage(store, { grace: '1h' });
    expect(early.verdicts.filter(({ why }) => why === 'parts of an upload')).toHaveLength(2);
    await sleep(5_000);
    const options = { grace: '4s' };
    const wouldGo = await collectGarbage(store, { ...options, dryRun: true });
    const report = await collectGarbage(store, options);
    for (const { verdicts } of [wouldGo, report]) {
      const uploads = verdicts.filter(({ why }) => why.startsWith('parts of an upload'));
      expect(uploads.filter(({ kept }) => !kept).map(({ key }) => key)).toEqual(['blobs/sha256/aa/killed']);
      expect(uploads.find(({ kept }) => !kept)!.bytes).toBeGreaterThanOrEqual(PART);
      expect(uploads.filter(({ kept }) => kept).map(({ key }) => key)).toEqual(['blobs/sha256/aa/running']);
    }
    expect((await uploadsOf(store)).map(({ key }) => key)).toEqual(['blobs/sha256/aa/running']);
    const ended = once(running, 'exit');
    running.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await uploadsOf(store)).toEqual([]);
    expect((await store.head('blobs/sha256/aa/running'))!.size).toBeGreaterThan(16e6);
    expect(await store.head('blobs/sha256/aa/killed')).toBeUndefined();
  });
}
