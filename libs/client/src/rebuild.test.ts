import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import {
  withoutAlerts,
  type ArtifactRef,
  type DatasetMeta,
  type Digest,
  type EngineIdentity,
  type ModelMeta,
  type ModelVersion,
} from '@temper/contracts';
import { parsePipelineSpec, shownSpec, type PipelineSpec } from '@temper/spec';
import { ArtifactStore, blobKey, canonicalJson, digestOf, MemoryStore } from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rebuildInput, secureOrigins } from './rebuild.js';
import { specOfVersion } from './version-spec.js';

let cacheFolder: string;
beforeAll(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'temper-rebuild-'));
});
afterAll(() => rm(cacheFolder, { recursive: true }));

const digest = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const base: ArtifactRef<'base-model'> = { kind: 'base-model', digest: digest('a'), uri: 's3://b/a' };
const artifact: ArtifactRef<'model'> = { kind: 'model', digest: digest('f'), uri: 's3://b/f' };
const version: ModelVersion = {
  ...{ name: 'mail', version: 3, digest: digest('9'), uri: artifact.uri, artifact },
  ...{ runId: 'mail-1', createdAt: '', metrics: {} },
};
const engine: EngineIdentity = {
  onnxruntime: '1.30.0',
  provider: 'cuda',
  instructions: 'x64 avx2',
  threads: 3,
};
const spec = parsePipelineSpec({
  name: 'mail',
  model: { base: 'https://host/model.gguf?token=secret' },
  dataset: { train: 'https://host/a.csv?signature=secret' },
  alerts: { webhooks: ['https://hooks.example/token'] },
});
const kept = () => withoutAlerts(shownSpec(spec));

describe('what a rebuild is submitted with', () => {
  const lineage: ModelMeta['lineage'] = {
    ...{ dataset: digest('b'), tokens: digest('c'), checkpoint: digest('d'), spec: digest('e') },
    ...{ adapter: digest('7'), engine, code: 'results/1' },
    changes: [{ id: '1', by: 'ann', at: '', step: 4, learningRate: 1e-5 }],
    forkedFrom: {
      runId: 'mail-0',
      step: 2,
      checkpoint: { kind: 'checkpoint', digest: digest('8'), uri: '' },
    },
  };
  const artifacts = new ArtifactStore(new MemoryStore(), { cacheFolder: tmpdir() });

  it('pins the sources to the digests of the lineage, and trains where and as wide as it was trained', () => {
    const input = rebuildInput(version, { base, lineage }, spec, { artifacts });
    expect(input.rebuild.pinned).toMatchObject({
      dataset: { kind: 'dataset', digest: digest('b') },
      baseModel: base,
      adapter: { kind: 'adapter', digest: digest('7') },
    });
    expect(input.rebuild.expected).toEqual({ engine, code: 'results/1', tokens: digest('c') });
    expect(input.rebuild.changes).toEqual(lineage.changes);
    expect(input.fork).toEqual(lineage.forkedFrom);
    expect(input.spec.resources).toMatchObject({ pool: 'cuda', threads: 3 });
    expect(input).toMatchObject({ fresh: true, until: 'train' });
  });

  it('expects nothing where it is to train anyway, on whatever the spec asks for', () => {
    const input = rebuildInput(version, { base, lineage }, spec, { artifacts, anyway: true });
    expect(input.rebuild.expected).toBeUndefined();
    expect(input.spec.resources).toMatchObject({ pool: 'auto', threads: 3 });
  });
});

describe('the spec of a version', () => {
  const store = new MemoryStore();
  const text = new TextEncoder();

  it('is the blob that the lineage names, in which no address has a secret, and which is a spec', async () => {
    const of = digestOf(kept());
    const json = canonicalJson(kept());
    expect(json).not.toMatch(/secret|hooks/);
    await store.put(blobKey(of), text.encode(json));
    expect(withoutAlerts(await specOfVersion(store, version, of))).toEqual(kept());
    await store.put(blobKey(of), text.encode(json.replace('mail', 'male')));
    await expect(specOfVersion(store, version, of)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  });

  it('of an older version is that of the report or the history, where it has the digest', async () => {
    const plain: PipelineSpec = parsePipelineSpec({
      name: 'mail',
      model: { base: '/m' },
      dataset: { train: '/a.csv' },
    });
    const of = digestOf(withoutAlerts(plain));
    await expect(specOfVersion(store, version, of, async () => spec)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await specOfVersion(store, version, of, async () => plain)).toEqual(plain);
    await store.put('runs/mail-1/report.json', text.encode(JSON.stringify({ spec: plain })));
    expect(await specOfVersion(store, version, of)).toEqual(plain);
  });
});

it('looks at every byte of what it starts from, and names what was changed and what is gone', async () => {
  const store = new MemoryStore();
  const artifacts = new ArtifactStore(store, { cacheFolder });
  const put = (rows: string) => {
    const files = { 'train.jsonl': new TextEncoder().encode(rows) };
    return artifacts.putArtifact('dataset', files, { rows: {} } as DatasetMeta);
  };
  const [good, bad, gone] = [await put('good'), await put('bad!'), await put('gone')];
  await secureOrigins(artifacts, [good, bad, gone]);
  const keyOf = async (ref: ArtifactRef) => blobKey((await artifacts.manifest(ref)).files[0]!.digest);
  await store.delete(await keyOf(gone));
  await expect(secureOrigins(artifacts, [good, gone])).rejects.toMatchObject({
    code: 'NOT_FOUND',
    problems: [{ path: `dataset ${gone.digest}` }],
  });
  await store.put(await keyOf(bad), new TextEncoder().encode('bad?'));
  await expect(secureOrigins(artifacts, [good, bad])).rejects.toMatchObject({
    code: 'BLOB_CORRUPT',
    problems: [{ path: `dataset ${bad.digest}`, message: 'train.jsonl is not what was stored' }],
  });
});
