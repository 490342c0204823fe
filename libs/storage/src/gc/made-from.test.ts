import type { DatasetMeta, Digest, ModelMeta, TokensMeta } from '@temper/contracts';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ArtifactStore } from '../artifact-store.js';
import { digestOf } from '../digest.js';
import { MemoryStore } from '../memory-store.js';
import { Registry } from '../registry.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { modelsOfDataset } from './made-from.js';

const bytes = (text: string) => new TextEncoder().encode(text);

async function registryIn(folder: string) {
  const store = new MemoryStore();
  const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'cache') });
  const registry = new Registry(store);
  const dataset = async (rows: string, source: string): Promise<Digest> => {
    const meta = { rows: {}, columns: { text: source } } as never as DatasetMeta;
    return (await artifacts.putArtifact('dataset', { 'train.jsonl': bytes(rows) }, meta)).digest;
  };
  const tokens = await artifacts.putArtifact('tokens', { 'ids.bin': bytes('ids') }, {} as TokensMeta);
  /** `from`: the base model's weights; `start`: the adapter's. */
  const publish = async (
    name: string,
    { weights, from, start, data }: { weights: string; from: string; start?: string; data: Digest },
  ) => {
    const file = start === undefined ? 'model.safetensors' : 'adapter_model.safetensors';
    const base = await artifacts.putArtifact(
      'base-model',
      { 'model.safetensors': bytes(from), 'config.json': bytes('{}') },
      { format: 'directory', source: './somewhere' },
    );
    const adapter =
      start && (await artifacts.putArtifact('adapter', { [file]: bytes(start) }, { format: 'peft' }));
    const lineage = {
      dataset: data,
      tokens: tokens.digest,
      ...(adapter ? { adapter: adapter.digest } : {}),
      checkpoint: digestOf('c'),
      spec: digestOf('s'),
    };
    const artifact = await artifacts.putArtifact('model', { [file]: bytes(weights) }, {
      base,
      lineage,
    } as never as ModelMeta);
    await registry.publish(name, { digest: artifact.digest, artifact, runId: `run of ${name}`, metrics: {} });
  };
  return { store, registry, dataset, publish };
}

it('finds versions by the digest of the data set, and those that were trained on from them, however deep', async () => {
  await using folder = await temporaryFolder();
  const { store, registry, dataset, publish } = await registryIn(folder.path);
  const [seen, other] = [await dataset('rows', 'a'), await dataset('other rows', 'a')];
  await publish('first', { weights: 'W1', from: 'hub', data: seen });
  await publish('second', { weights: 'W2', from: 'W1', data: other });
  await publish('third', { weights: 'A3', from: 'W2', start: 'A0', data: other });
  await publish('fourth', { weights: 'A4', from: 'hub', start: 'A3', data: other });
  await publish('stranger', { weights: 'W9', from: 'hub', data: other });
  await registry.moveAlias('fourth', 'production', 1);

  const models = await modelsOfDataset(store, seen);
  expect(models.map(({ model, through }) => [model, through])).toEqual([
    ['first', undefined],
    ['second', 'first:1'],
    ['third', 'second:1'],
    ['fourth', 'third:1'],
  ]);
  expect(models.map(({ tokens }) => tokens.length)).toEqual([1, 0, 0, 0]);
  expect(models[3]).toMatchObject({ aliases: ['production'], runId: 'run of fourth' });
  expect((await modelsOfDataset(store, other)).map(({ model }) => model)).not.toContain('first');
  expect(await modelsOfDataset(store, digestOf('nothing'))).toEqual([]);
});
