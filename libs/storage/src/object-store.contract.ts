import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import type { ObjectStore, PutCondition } from './object-store.js';

const text = (value: string) => new TextEncoder().encode(value);
const MB = 2 ** 20;

/**
 * What every implementation of the port must do. The fake and the adapters run the same suite; a real server behind
 * an adapter has to pass it too.
 */
export function objectStoreContract(name: string, open: Open): void {
  const prefix = `contract/${randomBytes(4).toString('hex')}/`;
  describe(`the object-store contract on ${name}`, () => {
    keeps(open, prefix);
    listsAndStreams(open, prefix);
    writesUnderConditions(open, prefix);
  });
}

type Open = () => Promise<ObjectStore> | ObjectStore;

function keeps(open: Open, prefix: string): void {
  it('gives back what was put, with size and etag', async () => {
    const store = await open();
    const key = `${prefix}plain`;
    const { etag } = await store.put(key, text('hello'));
    expect(await store.head(key)).toMatchObject({ key, size: 5, etag });
    const found = await store.get(key);
    expect(found).toMatchObject({ key, size: 5, etag });
    expect(Buffer.from(found!.bytes).toString()).toBe('hello');
  });

  it('tells when an object was written, by one clock, and again when it is written again', async () => {
    const store = await open();
    const key = `${prefix}dated`;
    await store.put(key, text('one'));
    const first = (await store.head(key))!.modified!;
    expect(first % 1000).toBe(0);
    expect((await store.get(key))!.modified).toBe(first);
    for await (const info of store.list(key)) expect(info.modified).toBe(first);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await store.put(key, text('one'));
    expect((await store.head(key))!.modified).toBeGreaterThan(first);
  });

  it('returns undefined for what is not there', async () => {
    const store = await open();
    expect(await store.get(`${prefix}none`)).toBeUndefined();
    expect(await store.getStream(`${prefix}none`)).toBeUndefined();
    expect(await store.head(`${prefix}none`)).toBeUndefined();
    await store.delete(`${prefix}none`);
  });

  it('replaces, deletes, and holds empty objects', async () => {
    const store = await open();
    const key = `${prefix}replaced`;
    const first = await store.put(key, text('one'));
    const second = await store.put(key, text('two'));
    expect(second.etag).not.toBe(first.etag);
    await store.put(key, new Uint8Array());
    expect((await store.get(key))!.bytes).toHaveLength(0);
    await store.delete(key);
    expect(await store.head(key)).toBeUndefined();
  });

  it('keeps keys with spaces, slashes and other alphabets apart', async () => {
    const store = await open();
    const keys = ['a b', 'a+b', 'a%20b', 'ключ/名前.json'].map((key) => `${prefix}names/${key}`);
    for (const key of keys) await store.put(key, text(key));
    for (const key of keys) expect(Buffer.from((await store.get(key))!.bytes).toString()).toBe(key);
    const listed: string[] = [];
    for await (const { key } of store.list(`${prefix}names/`)) listed.push(key);
    expect(listed.sort()).toEqual([...keys].sort());
  });
}

function listsAndStreams(open: Open, prefix: string): void {
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
    expect(listed.map((info) => Number(info.key.slice(-5))).sort((a, b) => a - b)).toEqual(numbers);
    expect(listed.every((info) => info.size === 1 && info.etag)).toBe(true);
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
      expect(object!.size).toBe(content.length);
      for await (const piece of object!.stream) read.push(piece);
      expect(Buffer.concat(read).equals(content)).toBe(true);
    }
    const beginning: Uint8Array[] = [];
    const part = await store.getStream(`${prefix}file`, { first: 100_000 });
    expect(part!.size).toBe(content.length);
    for await (const piece of part!.stream) beginning.push(piece);
    expect(Buffer.concat(beginning).equals(content.subarray(0, 100_000))).toBe(true);
  });

  it('leaves nothing behind when the source of a stream fails', async () => {
    const store = await open();
    const key = `${prefix}broken`;
    async function* broken() {
      for (let i = 0; i < 3; i++) yield randomBytes(6 * MB);
      throw new Error('the disk is gone');
    }
    await expect(store.put(key, { stream: broken() })).rejects.toThrow('the disk is gone');
    expect(await store.head(key)).toBeUndefined();
  });
}

const outcome = (store: ObjectStore, key: string, value: string, condition: PutCondition) =>
  store.put(key, text(value), condition).then(
    () => 'won',
    (error: unknown) => (error instanceof TemperError ? error.code : String(error)),
  );

function writesUnderConditions(open: Open, prefix: string): void {
  it('writes with ifNoneMatch only once', async () => {
    const store = await open();
    const key = `${prefix}once`;
    expect(await outcome(store, key, 'first', { ifNoneMatch: '*' })).toBe('won');
    expect(await outcome(store, key, 'second', { ifNoneMatch: '*' })).toBe('STORE_CONFLICT');
    expect(Buffer.from((await store.get(key))!.bytes).toString()).toBe('first');
  });

  it('writes with ifMatch only over the version it names', async () => {
    const store = await open();
    const key = `${prefix}matched`;
    expect(await outcome(store, key, 'x', { ifMatch: '"0123456789abcdef0123456789abcdef"' })).toBe(
      'STORE_CONFLICT',
    );
    const { etag } = await store.put(key, text('first'));
    expect(await outcome(store, key, 'second', { ifMatch: etag })).toBe('won');
    expect(await outcome(store, key, 'third', { ifMatch: etag })).toBe('STORE_CONFLICT');
    expect(Buffer.from((await store.get(key))!.bytes).toString()).toBe('second');
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
      expect(outcomes.filter((o) => o === 'won')).toHaveLength(1);
      expect(outcomes.filter((o) => o === 'STORE_CONFLICT')).toHaveLength(31);
      const stored = Buffer.from((await store.get(key))!.bytes).toString();
      expect(stored).toBe(`round ${round} writer ${outcomes.indexOf('won')}`);
    }
  });
}

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
