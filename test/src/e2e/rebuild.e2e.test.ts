import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fineTuneWorkflow, queuesOf, type ModelMeta, type Rebuilt } from '@temper/contracts';
import { parsePipelineSpec, type FineTuneInput } from '@temper/spec';
import { ArtifactStore, blobKey } from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemper } from '../cli/temper.js';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { Stack } from './stack.js';

let stack: Stack;
let artifacts: ArtifactStore;
let elsewhere: string;

/** One version, of a run whose learning rate was changed after its third step; then its sources are lost. */
beforeAll(async () => {
  stack = await Stack.start();
  await stack.worker('cpu');
  artifacts = new ArtifactStore(stack.store, { cacheFolder: join(stack.folder, 'blobs') });
  elsewhere = await mkdtemp(join(stack.folder, 'elsewhere-'));
  const spec = parsePipelineSpec({
    ...(await writeTinyPipeline(stack.folder, 60)),
    training: { maxSteps: 6, trainBatchSize: 8, learningRate: 1e-3 },
  });
  const workflowId = 'tiny-changed';
  const run = (more: Partial<FineTuneInput>) =>
    stack.client.temporal.workflow.execute(fineTuneWorkflow, {
      ...{ workflowId, taskQueue: queuesOf().workflow },
      args: [{ runId: workflowId, spec, ...more }],
    });
  await run({ until: 'train', stopAt: { steps: 3 } });
  const at = '2026-01-01T00:00:00.000Z';
  await run({ changes: [{ id: 'one', by: 'ann', at, learningRate: 1e-4 }] });
  await rm(join(stack.folder, 'train.csv'));
  await rm(join(stack.folder, 'model'), { recursive: true });
});
afterAll(() => stack[Symbol.asyncDispose]());

/** From a client of another folder, which has seen nothing of the run. */
async function rebuild(...args: string[]) {
  const env = { ...stack.services.env, TEMPER_HOME: elsewhere };
  const { code, stdout, stderr } = await startTemper(elsewhere, ['models', 'rebuild', ...args], env).ended;
  return { code, stdout, stderr };
}

/** Another version with the same weights, whose lineage says something else. */
async function versionWith(lineage: Partial<ModelMeta['lineage']>): Promise<string> {
  const { artifact, digest } = await stack.client.registry.resolve('tiny:1');
  const { files, meta } = await artifacts.manifest(artifact);
  const contents = await Promise.all(
    files.map(async ({ path }) => [path, await artifacts.readFile(artifact, path)] as const),
  );
  const other = await artifacts.putArtifact('model', Object.fromEntries(contents), {
    ...meta,
    lineage: { ...meta.lineage, ...lineage },
  });
  const draft = { digest, artifact: other, runId: JSON.stringify(lineage), metrics: {} };
  const { name, version } = await stack.client.registry.publish('other', draft);
  return `${name}:${version}`;
}

describe('temper models rebuild', () => {
  it('makes the digest again from lineage alone, changed settings included, and publishes nothing', async () => {
    const before = await stack.client.models.list();
    const { code, stdout, stderr } = await rebuild('tiny@candidate', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const rebuilt = JSON.parse(stdout) as Rebuilt & { was: string };
    expect(rebuilt).toMatchObject({ name: 'tiny', version: 1, verdict: 'equal', differences: [] });
    expect(rebuilt.digest).toBe(before[0]!.versions[0]!.digest);
    expect(stderr).toContain('learningRate 0.0001 after step 3, as it was');
    expect(await stack.client.models.list()).toEqual(before);
  });

  it('says before it trains that another engine did, and ends with 3', async () => {
    const { lineage } = (await stack.client.models.get('tiny:1')).meta;
    const engine = { ...lineage.engine!, instructions: 'x64 sse4_1' };
    const { code, stdout } = await rebuild(await versionWith({ engine, code: 'train/1' }), '--json');
    expect(code).toBe(3);
    const { verdict, error } = JSON.parse(stdout);
    expect({ verdict, code: error.code }).toEqual({ verdict: 'unknown', code: 'ENGINE_DIFFERS' });
    expect(error.message).toMatch(/x64 sse4_1[\s\S]*train\/1/);
  });

  it('names what differs where the lineage is not what led to the version, and ends with 1', async () => {
    const { code, stdout } = await rebuild(await versionWith({ changes: [] }));
    expect(stdout).toMatch(/ model\.safetensors: was sha256:\w+, is sha256:\w+\n/);
    expect(stdout).toContain('different');
    expect(code).toBe(1);
  });

  it('names data that is not what the lineage says, and ends with 1', async () => {
    const { dataset } = await stack.client.models.lineage('tiny:1');
    const [file] = dataset.manifest.files;
    const key = blobKey(file!.digest);
    const { bytes } = (await stack.store.get(key))!;
    bytes[bytes.length - 2]! ^= 1;
    await stack.store.put(key, bytes);
    const { code, stderr } = await rebuild('tiny:1');
    expect(code).toBe(1);
    expect(stderr).toContain(`dataset ${dataset.ref.digest}: ${file!.path} is not what was stored`);
  });
});
