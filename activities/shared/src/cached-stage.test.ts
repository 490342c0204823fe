import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactStore, MemoryStore, StageCache, blobKey, manifestKey, parseUri } from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedStage } from './cached-stage.js';
import { inlineMetrics } from './inline-metrics.js';

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

  it('works again when a blob of an artifact is gone or cut short, however deep the entry names it', async () => {
    const { store, ports, work } = setup();
    const nested = async () => ({ test: { deep: [await work()] } });
    const first = await cachedStage(ports, 'evaluate', entry, false, nested);
    const { files } = await ports.artifacts.manifest(first.test.deep[0]!.report);
    const again = () => cachedStage(ports, 'evaluate', entry, false, nested);
    expect(await again()).toMatchObject({ cached: true });
    await store.delete(blobKey(files[0]!.digest));
    const second = await again();
    expect(second).toMatchObject({ cached: false, test: { deep: [{ worked: 2 }] } });
    const other = await ports.artifacts.manifest(second.test.deep[0]!.report);
    await store.put(blobKey(other.files[0]!.digest), new Uint8Array());
    expect(await again()).toMatchObject({ cached: false, test: { deep: [{ worked: 3 }] } });
  });

  it('works again when the blob of large metrics is gone', async () => {
    const { store, ports } = setup();
    const large = { labels: Array.from({ length: 20_000 }, (_, i) => i) };
    const measure = () =>
      cachedStage(ports, 'evaluate', entry, false, async () => inlineMetrics(ports, large));
    const { details } = await measure();
    expect(await measure()).toMatchObject({ cached: true, details });
    await store.delete(parseUri(details as string).key);
    expect(await measure()).toMatchObject({ cached: false, details });
  });
});
