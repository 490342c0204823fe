import { expect, it } from 'vitest';
import { MemoryStore } from './memory-store.js';
import { StageCache, stageKey } from './stage-cache.js';

it('gives the result back for equal code, inputs and spec only', async () => {
  const cache = new StageCache(new MemoryStore());
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
  await cache.forget('preprocess', key);
  expect(await cache.get('preprocess', key)).toBeUndefined();
});
