import assert from 'node:assert/strict';
import { keysBelow } from '../keys-below.js';
import { text, type It, type Open } from './suite.js';

export function lists(it: It, open: Open, prefix: string): void {
  it('lists more keys than one page holds, each once, with its size', async () => {
    const store = await open();
    const numbers = Array.from({ length: 1050 }, (_, i) => i);
    for (let at = 0; at < numbers.length; at += 50) {
      await Promise.all(
        numbers
          .slice(at, at + 50)
          .map((i) => store.put(`${prefix}many/${i % 7}/${String(i).padStart(5, '0')}`, text('x'))),
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

  it('lists by the beginning of a key, wherever it ends', async () => {
    const store = await open();
    const keys = ['a/1', 'a/2/3', 'ab/4', 'b'].map((key) => `${prefix}begins/${key}`);
    for (const key of keys) await store.put(key, text('x'));
    assert.deepEqual(await keysBelow(store, `${prefix}begins/a`), keys.slice(0, 3));
    assert.deepEqual(await keysBelow(store, `${prefix}begins/a/`), keys.slice(0, 2));
    assert.deepEqual(await keysBelow(store, `${prefix}begins/a/2`), [keys[1]]);
    assert.deepEqual(await keysBelow(store, `${prefix}begins/none`), []);
    await store.delete(keys[1]!);
    assert.deepEqual(await keysBelow(store, `${prefix}begins/a/`), [keys[0]]);
  });
}
