import { join } from 'node:path';
import type { ArtifactRef, ModelMeta, TokensMeta } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { ArtifactStore } from '../artifact-store.js';
import { digestOf } from '../digest.js';
import { MemoryStore } from '../memory-store.js';
import { Registry } from '../registry.js';
import { StageCache } from '../stage-cache.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { collectGarbage } from './collect.js';
import { deleteDataset, deleteModel, deleteRunFiles, deleteVersion } from './delete.js';
import { heldBy } from './holds.js';
import { takenBy } from './taken.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Two versions of one data set, made by runs that have ended. */
async function published(folder: string) {
  const store = new MemoryStore();
  const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'cache') });
  const registry = new Registry(store);
  const made = async (runId: string) =>
    heldBy(runId, async () => {
      const base = await artifacts.putArtifact(
        'base-model',
        { 'm.gguf': bytes('base') },
        { format: 'gguf', source: 'x' },
      );
      const dataset = await artifacts.putArtifact(
        'dataset',
        { 'train.jsonl': bytes('rows') },
        { columns: {}, rows: {} },
      );
      const tokens = await artifacts.putArtifact('tokens', { 'ids.bin': bytes('ids') }, {} as TokensMeta);
      const checkpoint = await artifacts.putArtifact(
        'checkpoint',
        { 'trainable.safetensors': bytes(runId) },
        {} as never,
      );
      await new StageCache(store).put('ingest', digestOf(runId), { dataset });
      const lineage = {
        dataset: dataset.digest,
        tokens: tokens.digest,
        checkpoint: checkpoint.digest,
        spec: digestOf('spec'),
      };
      const meta = { base, lineage } as unknown as ModelMeta;
      const artifact = await artifacts.putArtifact(
        'model',
        { 'model.safetensors': bytes(`model ${runId}`) },
        meta,
      );
      await registry.publish('m', { digest: artifact.digest, artifact, runId, metrics: {} });
      return { base, dataset, tokens, artifact };
    });
  const first = await made('one');
  const second = await made('two');
  const collect = () => collectGarbage(store, { stateOf: async () => 'ended' });
  const there = (refs: ArtifactRef[]) => Promise.all(refs.map((ref) => artifacts.isComplete(ref)));
  return { store, registry, first, second, collect, there };
}

describe('deleting', () => {
  it('a version takes what only it kept; its number is not given again', async () => {
    await using folder = await temporaryFolder();
    const { store, registry, first, second, collect, there } = await published(folder.path);
    await registry.moveAlias('m', 'production', 2);
    await expect(deleteVersion(store, 'm:2', 'ann')).rejects.toThrow('m@production');
    await registry.moveAlias('m', 'production', 1);
    await deleteVersion(store, 'm:2', 'ann');
    await collect();
    expect(await there([second.artifact, second.base, second.dataset, first.artifact])).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect((await takenBy(store, second.artifact))!.rule).toBe('models delete m:2 by ann');
    const again = await registry.publish('m', {
      ...first,
      digest: digestOf('new'),
      runId: 'three',
      metrics: {},
    });
    expect(again.version).toBe(3);
    await deleteModel(store, 'm', 'ann');
    expect(await registry.names()).toEqual([]);
    await collect();
    // The stage cache keeps the data set for later runs.
    expect(await there([first.artifact, first.base, first.dataset])).toEqual([false, false, true]);
  });

  it('a data set names every model that saw it, and takes it from them only by force', async () => {
    await using folder = await temporaryFolder();
    const { store, first, collect, there } = await published(folder.path);
    const { digest } = first.dataset;
    await expect(deleteDataset(store, digest, { by: 'ann' })).rejects.toThrow('m:1, m:2');
    await expect(deleteDataset(store, first.base.digest, { by: 'ann' })).rejects.toThrow('no such data set');
    const { models, cached } = await deleteDataset(store, digest, { by: 'ann', force: true });
    expect(models.map(({ model, version, runId }) => `${model}:${version} ${runId}`)).toEqual([
      'm:1 one',
      'm:2 two',
    ]);
    expect(cached).toBe(2);
    const report = await collect();
    expect(await there([first.dataset, first.tokens, first.artifact, first.base])).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect((await takenBy(store, first.dataset))!.rule).toContain('datasets delete');
    expect(report.missing).toEqual([]);
    expect((await collect()).missing).toEqual([]);
  });

  it('a run leaves what it published', async () => {
    await using folder = await temporaryFolder();
    const { store, first, there, collect } = await published(folder.path);
    expect(await deleteRunFiles(store, 'one', 'ann')).toBeGreaterThan(0);
    await collect();
    for await (const { key } of store.list('runs/one/')) expect(key).toBe('gone');
    expect(await there([first.artifact])).toEqual([true]);
  });
});
