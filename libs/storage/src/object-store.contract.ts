import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import type { ObjectStore, PutCondition } from './object-store.js';

const text = (value: string) => new TextEncoder().encode(value);
const asText = (found: { readonly bytes: Uint8Array } | undefined) => Buffer.from(found!.bytes).toString();
const MB = 2 ** 20;

/**
 * What every implementation of the port must do. The fake and the adapters run the same suite; a real server behind
 * an adapter has to pass it too. `runner`: `describe` and `it` of vitest, Jest or `node:test`.
 */
export function objectStoreContract(name: string, open: Open, { describe, it }: TestRunner): void {
  const prefix = `contract/${randomBytes(4).toString('hex')}/`;
  describe(`the object-store contract on ${name}`, () => {
    keeps(it, open, prefix);
    listsAndStreams(it, open, prefix);
    writesUnderConditions(it, open, prefix);
  });
}

type Open = () => Promise<ObjectStore> | ObjectStore;
type It = (name: string, test: () => Promise<void>) => unknown;

export interface TestRunner {
  readonly describe: (name: string, suite: () => void) => unknown;
  readonly it: It;
}

function keeps(it: It, open: Open, prefix: string): void {
  it('gives back what was put, with size and etag', async () => {
    const store = await open();
    const key = `${prefix}plain`;
    const { etag } = await store.put(key, text('hello'));
    const { size, etag: same } = (await store.head(key))!;
    assert.deepEqual({ size, etag: same }, { size: 5, etag });
    const found = await store.get(key);
    assert.deepEqual([found!.key, found!.size, found!.etag], [key, 5, etag]);
    assert.equal(asText(found), 'hello');
  });

  it('tells when an object was written, by one clock, and again when it is written again', async () => {
    const store = await open();
    const key = `${prefix}dated`;
    await store.put(key, text('one'));
    const first = (await store.head(key))!.modified!;
    assert.equal(first % 1000, 0);
    assert.equal((await store.get(key))!.modified, first);
    for await (const info of store.list(key)) assert.equal(info.modified, first);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await store.put(key, text('one'));
    assert.ok((await store.head(key))!.modified! > first);
  });

  it('returns undefined for what is not there', async () => {
    const store = await open();
    assert.equal(await store.get(`${prefix}none`), undefined);
    assert.equal(await store.getStream(`${prefix}none`), undefined);
    assert.equal(await store.head(`${prefix}none`), undefined);
    await store.delete(`${prefix}none`);
  });

  it('replaces, deletes, and holds empty objects', async () => {
    const store = await open();
    const key = `${prefix}replaced`;
    const first = await store.put(key, text('one'));
    const second = await store.put(key, text('two'));
    assert.notEqual(second.etag, first.etag);
    await store.put(key, new Uint8Array());
    assert.equal((await store.get(key))!.bytes.length, 0);
    await store.delete(key);
    assert.equal(await store.head(key), undefined);
  });

  it('keeps keys with spaces, slashes and other alphabets apart', async () => {
    const store = await open();
    const keys = ['a b', 'a+b', 'a%20b', 'ключ/名前.json'].map((key) => `${prefix}names/${key}`);
    for (const key of keys) await store.put(key, text(key));
    for (const key of keys) assert.equal(asText(await store.get(key)), key);
    const listed: string[] = [];
    for await (const { key } of store.list(`${prefix}names/`)) listed.push(key);
    assert.deepEqual(listed.sort(), [...keys].sort());
  });
}

function listsAndStreams(it: It, open: Open, prefix: string): void {
  it('lists more keys than one page holds, each once, with its size', async () => {
    const store = await open();
    const numbers = Array.from({ length: 1050 }, (_, i) => i);
    for (let at = 0; at < numbers.length; at += 50) {
      await Promise.all(
        numbers
          .slice(at, at + 50)
          .map((i) => store.put(`${prefix}many/${String(i).padStart(5, '0')}`, text('x'))),
      );
    }
    const listed = [];
    for await (const info of store.list(`${prefix}many/`)) listed.push(info);
    assert.deepEqual(
      listed.map((info) => Number(info.key.slice(-5))).sort((a, b) => a - b),
      numbers,
    );
    assert.ok(listed.every((info) => info.size === 1 && info.etag));
  });

  it('takes files and streams of several parts, and streams them back', async () => {
    const store = await open();
    const content = randomBytes(11 * MB + 17);
    const folder = await mkdtemp(join(tmpdir(), 'temper-contract-'));
    const file = join(folder, 'large');
    await writeFile(file, content);
    await store.put(`${prefix}file`, { file });
    await rm(folder, { recursive: true });
    await store.put(`${prefix}stream`, { stream: pieces(content, 300_001) });
    for (const key of ['file', 'stream']) {
      const read: Uint8Array[] = [];
      const object = await store.getStream(`${prefix}${key}`);
      assert.equal(object!.size, content.length);
      for await (const piece of object!.stream) read.push(piece);
      assert.ok(Buffer.concat(read).equals(content));
    }
    const beginning: Uint8Array[] = [];
    const part = await store.getStream(`${prefix}file`, { first: 100_000 });
    assert.equal(part!.size, content.length);
    for await (const piece of part!.stream) beginning.push(piece);
    assert.ok(Buffer.concat(beginning).equals(content.subarray(0, 100_000)));
    const end: Uint8Array[] = [];
    const tail = await store.getStream(`${prefix}file`, { last: 1000 });
    assert.equal(tail!.size, content.length);
    for await (const piece of tail!.stream) end.push(piece);
    assert.ok(Buffer.concat(end).equals(content.subarray(-1000)));
  });

  it('leaves nothing behind when the source of a stream fails', async () => {
    const store = await open();
    const key = `${prefix}broken`;
    async function* broken() {
      for (let i = 0; i < 3; i++) yield randomBytes(6 * MB);
      throw new Error('the disk is gone');
    }
    await assert.rejects(store.put(key, { stream: broken() }), /the disk is gone/);
    assert.equal(await store.head(key), undefined);
  });
}

const outcome = (store: ObjectStore, key: string, value: string, condition: PutCondition) =>
  store.put(key, text(value), condition).then(
    () => 'won',
    (error: unknown) => (error instanceof TemperError ? error.code : String(error)),
  );

function writesUnderConditions(it: It, open: Open, prefix: string): void {
  it('writes with ifNoneMatch only once', async () => {
    const store = await open();
    const key = `${prefix}once`;
    assert.equal(await outcome(store, key, 'first', { ifNoneMatch: '*' }), 'won');
    assert.equal(await outcome(store, key, 'second', { ifNoneMatch: '*' }), 'STORE_CONFLICT');
    assert.equal(asText(await store.get(key)), 'first');
  });

  it('writes with ifMatch only over the version it names', async () => {
    const store = await open();
    const key = `${prefix}matched`;
    const another = '"0123456789abcdef0123456789abcdef"';
    assert.equal(await outcome(store, key, 'x', { ifMatch: another }), 'STORE_CONFLICT');
    const { etag } = await store.put(key, text('first'));
    assert.equal(await outcome(store, key, 'second', { ifMatch: etag }), 'won');
    assert.equal(await outcome(store, key, 'third', { ifMatch: etag }), 'STORE_CONFLICT');
    assert.equal(asText(await store.get(key)), 'second');
  });

  it('lets exactly one of 32 racing writers win, for new keys and for moves', async () => {
    const store = await open();
    const key = `${prefix}race`;
    const writers = Array.from({ length: 32 }, (_, i) => i);
    for (let round = 0; round < 2; round++) {
      const etag = (await store.head(key))?.etag;
      const condition: PutCondition = etag ? { ifMatch: etag } : { ifNoneMatch: '*' };
      const outcomes = await Promise.all(
        writers.map((i) => outcome(store, key, `round ${round} writer ${i}`, condition)),
      );
      assert.equal(outcomes.filter((o) => o === 'won').length, 1);
      assert.equal(outcomes.filter((o) => o === 'STORE_CONFLICT').length, 31);
      assert.equal(asText(await store.get(key)), `round ${round} writer ${outcomes.indexOf('won')}`);
    }
  });
}

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
