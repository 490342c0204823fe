import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactStore, MemoryStore, StageCache, manifestKey } from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedStage } from './cached-stage.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'temper-cached-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const entry = { code: '1', inputs: [], spec: { maxLength: 8 } };

function setup() {
  const store = new MemoryStore();
  const ports = {
    artifacts: new ArtifactStore(store, { cacheFolder: folder }),
    cache: new StageCache(store),
  };
  let worked = 0;
  const work = async () => ({
    worked: ++worked,
    report: await ports.artifacts.putArtifact('report', { 'a.txt': new Uint8Array([worked]) }, {}),
  });
  return { store, ports, work };
}

describe('the cache of a stage', () => {
  it('does equal work once, and other work again', async () => {
    const { ports, work } = setup();
    expect(await cachedStage(ports, 'preprocess', entry, false, work)).toMatchObject({
      worked: 1,
      cached: false,
    });
    expect(await cachedStage(ports, 'preprocess', entry, false, work)).toMatchObject({
      worked: 1,
      cached: true,
    });
    const other = { ...entry, spec: { maxLength: 9 } };
    expect(await cachedStage(ports, 'preprocess', other, false, work)).toMatchObject({
      worked: 2,
      cached: false,
    });
    expect(await cachedStage(ports, 'preprocess', { ...entry, code: '2' }, false, work)).toMatchObject({
      worked: 3,
    });
  });

  it('keeps no result that is not to be found again', async () => {
    const { ports, work } = setup();
    const options = { keep: ({ worked }: { worked: number }) => worked > 1 };
    for (const worked of [1, 2]) {
      expect(await cachedStage(ports, 'train', entry, false, work, options)).toMatchObject({
        worked,
        cached: false,
      });
    }
    expect(await cachedStage(ports, 'train', entry, false, work, options)).toMatchObject({ cached: true });
  });

  it('answers the same, to the order of members, whether it worked or not', async () => {
    const { ports } = setup();
    const work = async () => ({ z: 1, a: { y: Infinity, b: 2 } });
    const worked = await cachedStage(ports, 'evaluate', entry, false, work);
    const found = await cachedStage(ports, 'evaluate', entry, false, work);
    expect(JSON.stringify({ ...worked, cached: true })).toBe(JSON.stringify(found));
    expect(found.a).toEqual({ b: 2, y: null });
  });

  it('works again when asked to, and when an artifact of the entry is gone', async () => {
    const { store, ports, work } = setup();
    const first = await cachedStage(ports, 'preprocess', entry, false, work);
    expect(await cachedStage(ports, 'preprocess', entry, true, work)).toMatchObject({
      worked: 2,
      cached: false,
    });
    const newest = await cachedStage(ports, 'preprocess', entry, false, work);
    expect(newest).toMatchObject({ worked: 2, cached: true });
    await store.delete(manifestKey(newest.report.digest));
    expect(await cachedStage(ports, 'preprocess', entry, false, work)).toMatchObject({
      worked: 3,
      cached: false,
    });
    expect(first.report.digest).not.toBe(newest.report.digest);
  });
});
