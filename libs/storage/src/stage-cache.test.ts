import { expect, it } from 'vitest';
import { cacheKey } from './keys.js';
import { MemoryStore } from './memory-store.js';
import { StageCache, stageKey } from './stage-cache.js';

it('gives the result back for equal code, inputs and spec only', async () => {
  const store = new MemoryStore();
  const cache = new StageCache(store);
  const parts = { code: '1', inputs: ['sha256:aa'], spec: { b: 1, a: { c: 2, d: undefined } } };
  const key = stageKey(parts);
  expect(await cache.get('preprocess', key)).toBeUndefined();
  await cache.put('preprocess', key, { tokens: 'sha256:bb' });
  expect(await cache.get('preprocess', stageKey({ ...parts, spec: { a: { c: 2 }, b: 1 } }))).toEqual({
    tokens: 'sha256:bb',
  });
  expect(await cache.get('ingest', key)).toBeUndefined();
  for (const change of [{ code: '2' }, { inputs: ['sha256:ab'] }, { spec: { b: 2 } }]) {
    expect(await cache.get('preprocess', stageKey({ ...parts, ...change }))).toBeUndefined();
  }
  for (const damaged of ['', '{"tokens":', '\u0000']) {
    await store.put(cacheKey('preprocess', key), new TextEncoder().encode(damaged));
    expect(await cache.get('preprocess', key)).toBeUndefined();
  }
  await cache.forget('preprocess', key);
  expect(await cache.get('preprocess', key)).toBeUndefined();
});
