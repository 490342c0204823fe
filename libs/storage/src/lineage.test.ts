import type { ArtifactRef, DatasetMeta, CheckpointMeta, TokensMeta } from '@temper/contracts';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ArtifactStore } from './artifact-store.js';
import { digestOf } from './digest.js';
import { lineageOf } from './lineage.js';
import { MemoryStore } from './memory-store.js';
import { temporaryFolder } from './testing/temporary-folder.js';

it('leads from a model back to its data, and notices what is gone', async () => {
  await using folder = await temporaryFolder();
  const store = new MemoryStore();
  const artifacts = new ArtifactStore(store, { cacheFolder: join(folder.path, 'cache') });
  const base = await artifacts.putArtifact('base-model', {}, { format: 'gguf', source: 'pypi:llm' });
  const datasetMeta: DatasetMeta = { columns: { text: 'text' }, rows: { train: 3 } };
  const dataset = await artifacts.putArtifact('dataset', {}, datasetMeta);
  const tokens = await artifacts.putArtifact('tokens', {}, { labelNames: ['ham'] } as unknown as TokensMeta);
  const checkpoint = await artifacts.putArtifact('checkpoint', {}, { step: 9 } as unknown as CheckpointMeta);
  const spec = digestOf({ name: 'mail' });
  const model: ArtifactRef<'model'> = await artifacts.putArtifact(
    'model',
    {},
    {
      ...{ task: 'sequence-classification', format: 'full', base, labelNames: ['ham'], maxLength: 128 },
      ...{ method: {}, metrics: {} },
      lineage: { dataset: dataset.digest, tokens: tokens.digest, checkpoint: checkpoint.digest, spec },
    },
  );
  const lineage = await lineageOf(artifacts, model);
  expect(lineage).toMatchObject({
    base: { ref: base, manifest: { meta: { source: 'pypi:llm' } } },
    dataset: { ref: dataset, manifest: { meta: { rows: { train: 3 } } } },
    checkpoint: { manifest: { meta: { step: 9 } } },
    spec,
  });
  await store.delete(dataset.uri.slice('s3://temper/'.length));
  await expect(lineageOf(artifacts, model)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
