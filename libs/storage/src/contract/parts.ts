import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectBody } from '../object-store.js';
import { collected, MB, pieces, type It, type Open } from './suite.js';

export function parts(it: It, open: Open, prefix: string): void {
  it('takes files and streams of several parts, and streams them back', async () => {
    const store = await open();
    const content = randomBytes(11 * MB + 17);
    const folder = await mkdtemp(join(tmpdir(), 'temper-contract-'));
    const file = join(folder, 'large');
    await writeFile(file, content);
    const bodies: Record<string, ObjectBody> = {
      file: { file },
      stream: { stream: pieces(content, 300_001) },
      opened: { size: content.length, open: () => pieces(content, 300_001) },
    };
    for (const [key, body] of Object.entries(bodies)) {
      await store.put(`${prefix}${key}`, body);
      const object = await store.getStream(`${prefix}${key}`);
      assert.equal(object!.size, content.length);
      assert.ok((await collected(object!.stream)).equals(content));
      assert.equal((await store.head(`${prefix}${key}`))!.etag, object!.etag);
    }
    await rm(folder, { recursive: true });
  });

  it('gives ranges from the beginning and from the end, across its parts, with the size of the whole', async () => {
    const store = await open();
    const content = randomBytes(17 * MB + 3);
    const key = `${prefix}ranged`;
    await store.put(key, { stream: pieces(content, MB) });
    for (const length of [1, 1000, 8 * MB - 1, 8 * MB, 8 * MB + 1, 16 * MB + 1]) {
      const first = await store.getStream(key, { first: length });
      assert.equal(first!.size, content.length);
      assert.ok((await collected(first!.stream)).equals(content.subarray(0, length)), `first ${length}`);
      const last = await store.getStream(key, { last: length });
      assert.equal(last!.size, content.length);
      assert.ok((await collected(last!.stream)).equals(content.subarray(-length)), `last ${length}`);
    }
    assert.equal(await store.getStream(`${prefix}none`, { first: 10 }), undefined);
  });
}

export function staysWhole(it: It, open: Open, prefix: string): void {
  it('shows a reader the old or the new content, never a mix, while it is written again', async () => {
    const store = await open();
    const key = `${prefix}rewritten`;
    const contentOf = (letter: string) => Buffer.alloc(9 * MB, letter);
    await store.put(key, { stream: pieces(contentOf('a'), MB) });
    let over = false;
    const writing = (async () => {
      for (const letter of 'bcdef') await store.put(key, { stream: pieces(contentOf(letter), MB) });
    })().finally(() => (over = true));
    while (!over) {
      const read = await collected((await store.getStream(key))!.stream);
      assert.equal(read.length, 9 * MB);
      assert.ok(read.equals(Buffer.alloc(9 * MB, read[0])), 'parts of two contents');
    }
    await writing;
  });

  it('leaves nothing behind when the source of a stream fails', async () => {
    const store = await open();
    const key = `${prefix}broken`;
    async function* broken() {
      for (let i = 0; i < 3; i++) yield randomBytes(6 * MB);
      throw new Error('the disk is gone');
    }
    await assert.rejects(store.put(key, { stream: broken() }), /the disk is gone/);
    await assert.rejects(store.put(key, { size: 18 * MB, open: broken }), /the disk is gone/);
    assert.equal(await store.head(key), undefined);
    for await (const upload of store.openUploads?.(key) ?? []) assert.fail(`parts are left: ${upload.id}`);
  });
}
