import assert from 'node:assert/strict';
import { keysBelow } from '../keys-below.js';
import { asText, text, type It, type Open } from './suite.js';

export function keeps(it: It, open: Open, prefix: string): void {
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

  it('keeps keys apart, whatever characters they have', async () => {
    const store = await open();
    const names = [
      ...['a b', 'a+b', 'a%20b', 'a%2Fb', ' a', 'a ', 'A b', 'ключ/名前.json', '🜁', 'e\u0301', '\u00e9'],
      ...['a&b<c>"d"', "e'f", 'g#h?i=j', 'k:l@m,n;o', 'p*q(r)!~s', 't$u^v', 'w|x{y}[z]', '.a', 'a..b'],
      'long'.repeat(60),
    ];
    const keys = names.map((name) => `${prefix}names/${name}`);
    for (const key of keys) await store.put(key, text(key));
    for (const key of keys) assert.equal(asText(await store.get(key)), key);
    assert.deepEqual(await keysBelow(store, `${prefix}names/`), [...keys].sort());
    for (const key of keys.slice(1)) await store.delete(key);
    assert.deepEqual(await keysBelow(store, `${prefix}names/`), [keys[0]]);
  });
}
