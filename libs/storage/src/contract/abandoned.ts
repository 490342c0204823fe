import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { TemperError } from '@temper/contracts';
import type { ObjectStore, OpenUpload } from '../object-store.js';
import { MB, type It, type Open } from './suite.js';

/** Of stores that take large objects in parts. */
export function abandons(it: It, open: Open, prefix: string): void {
  it('shows the uploads that have not ended, and gives up their parts', async () => {
    const store = await open();
    if (!store.openUploads) return;
    const before = Date.now();
    const key = `${prefix}stalled`;
    let goOn = () => {};
    const waiting = new Promise<void>((resolve) => (goOn = resolve));
    async function* stalling() {
      for (let i = 0; i < 18; i++) yield randomBytes(MB);
      await waiting;
      for (let i = 0; i < 18; i++) yield randomBytes(MB);
    }
    const put = store.put(key, { stream: stalling() }).then(
      () => 'stored',
      (error: unknown) => (error instanceof TemperError && error.retryable ? 'to be done again' : error),
    );
    const upload = await found(store, key);
    assert.equal(upload.key, key);
    assert.equal(upload.bytes % MB, 0);
    // The clocks of this machine and of the store may differ by minutes.
    assert.ok(Math.abs(upload.modified - before) < 600_000, 'no time of the last part');
    assert.equal(await store.head(key), undefined);
    assert.equal((await uploadsOf(store, `${prefix}elsewhere`)).length, 0);
    await store.abandon!(upload);
    await store.abandon!(upload);
    assert.equal((await uploadsOf(store, key)).length, 0);
    goOn();
    assert.equal(await put, 'to be done again');
    assert.equal(await store.head(key), undefined);
  });
}

const uploadsOf = async (store: ObjectStore, prefix: string): Promise<OpenUpload[]> => {
  const uploads = [];
  for await (const upload of store.openUploads!(prefix)) uploads.push(upload);
  return uploads;
};

async function found(store: ObjectStore, key: string): Promise<OpenUpload> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const [upload] = await uploadsOf(store, key);
    if (upload) return upload;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new assert.AssertionError({ message: 'the upload is not listed' });
}
