import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { RunResult } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import { readSafetensors, writeSafetensors } from '@temper/models';
import { ArtifactStore } from '@temper/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { eventually, Stack, trainersOf } from './stack.js';

let stack: Stack;
let artifacts: ArtifactStore;
let spec: PipelineSpecInput;
const at = (name: string) => join(stack.folder, name);

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  stack = await Stack.start();
  await stack.worker();
  artifacts = new ArtifactStore(stack.store, { cacheFolder: at('client') });
  spec = {
    ...(await writeTinyPipeline(stack.folder, 200)),
    method: { type: 'lora', r: 4, alpha: 8, targetModules: ['query', 'value'] },
    training: { maxSteps: 40, learningRate: 1e-3, trainBatchSize: 8 },
  };
});
afterAll(() => stack[Symbol.asyncDispose]());

const startingFrom = (initFrom: string, more: object = {}): PipelineSpecInput => ({
  ...spec,
  name: 'continued',
  method: { type: 'lora', initFrom },
  ...more,
});

const resultOf = async (of: PipelineSpecInput): Promise<RunResult> =>
  stack.client.result(await stack.client.submit(of));
const isCached = (result: RunResult, name: string) => result.stages.find((s) => s.name === name)!.cached;

describe('an adapter to start from', () => {
  let first: RunResult;
  let continued: RunResult;

  it('is read by no worker from its folder, which may be gone once it is ingested', async () => {
    first = await resultOf(spec);
    expect(first.status).toBe('completed');
    const { artifact } = await stack.client.registry.resolve('tiny@candidate');
    await artifacts.materialize(artifact, at('adapter'));

    const runId = await stack.client.submit(startingFrom(at('adapter')));
    await eventually('ingest', async () => {
      const { progress } = await stack.client.show(runId);
      return progress?.stages[0]?.status === 'completed';
    });
    await rename(at('adapter'), at('elsewhere'));
    expect(await stack.checkpointStep(runId)).toBe(0);
    continued = await stack.client.result(runId);
    expect(continued).toMatchObject({ status: 'completed', model: { name: 'continued' } });
    expect(continued.stages[0]!.summary).toContain('adapter adapter');
  });

  it('is in the lineage of the result and of the model, and settles what the spec leaves open', async () => {
    const { artifact } = await stack.client.registry.resolve('continued@candidate');
    const { meta } = await artifacts.manifest(artifact);
    expect(meta.lineage.adapter).toBe(continued.adapter);
    expect(meta.method).toMatchObject({ r: 4, alpha: 8, initFrom: 'adapter' });
    const { files } = await artifacts.manifest(artifacts.ref('adapter', continued.adapter!));
    expect(files.map((file) => file.path)).toEqual([
      ...['adapter_config.json', 'adapter_model.safetensors', 'temper.json'],
    ]);
    expect(first.adapter).toBeUndefined();
  });

  it('counts by its content: an equal one of another folder, or of the registry, is trained already', async () => {
    await cp(at('elsewhere'), at('copy'), { recursive: true });
    for (const source of [at('copy'), 'model:tiny@candidate']) {
      const again = await resultOf(startingFrom(source));
      expect(again).toMatchObject({ status: 'completed', adapter: continued.adapter });
      expect(['preprocess', 'train', 'evaluate'].map((stage) => isCached(again, stage))).toEqual(
        Array(3).fill(true),
      );
    }
  });

  it.each([
    { type: 'lora', r: 4, useRslora: true },
    { type: 'qlora', r: 4 },
    { type: 'ia3' },
    { type: 'vera', r: 8 },
    { type: 'loha', r: 4 },
    { type: 'adapter', reductionFactor: 8, style: 'houlsby', nonLinearity: 'gelu' },
    { type: 'prompt-tuning', numVirtualTokens: 4 },
  ] as const)('$type: goes on to the same model when its trainer is killed on the way', async (method) => {
    const { type, ...settings } = method;
    const evaluation = { gate: 'none' } as const;
    const made = await resultOf({ ...spec, name: type, method, evaluation });
    expect(made.status).toBe('completed');
    const training = { ...spec.training, maxSteps: 400, saveSteps: 20, evalStrategy: 'no' } as const;
    const onwards = startingFrom(`model:${type}@candidate`, {
      ...{ name: `${type}-on`, training, evaluation },
      method: { type, initFrom: `model:${type}@candidate` },
    });
    const whole = await resultOf(onwards);
    const runId = await stack.client.submit(onwards, { fresh: true });
    await eventually('step 40', async () => (await stack.checkpointStep(runId)) >= 40);
    const [trainer] = await eventually('a trainer', async () => {
      const found = await trainersOf(runId);
      return found.length > 0 && found;
    });
    process.kill(trainer!, 'SIGKILL');
    const killed = await stack.client.result(runId);
    expect(killed).toMatchObject({ status: 'completed', model: { digest: whole.model!.digest } });
    expect(killed.stages.find(({ name }) => name === 'train')).toMatchObject({ attempts: 2 });

    const { meta } = await artifacts.manifest(
      (await stack.client.registry.resolve(`${type}-on@candidate`)).artifact,
    );
    expect(meta.method).toMatchObject({ type, ...settings });
  });

  it('keeps what of it is not trained: the random matrices of VeRA, whatever their key says', async () => {
    const file = join(at('vera'), 'adapter_model.safetensors');
    const { artifact } = await stack.client.registry.resolve('vera@candidate');
    await artifacts.materialize(artifact, at('vera'));
    const tensors = new Map(await readSafetensors(file));
    const matrix = tensors.get('base_model.vera_A')!;
    const data = (matrix.data as Float32Array).map((value) => -value);
    await writeSafetensors(file, tensors.set('base_model.vera_A', { ...matrix, data }));
    const method = { type: 'vera', initFrom: at('vera') } as const;
    const evaluation = { gate: 'none' } as const;
    await resultOf(startingFrom(at('vera'), { name: 'turned', method, evaluation }));
    const turned = await stack.client.registry.resolve('turned@candidate');
    await artifacts.materialize(turned.artifact, at('turned'));
    const published = await readSafetensors(join(at('turned'), 'adapter_model.safetensors'));
    expect(published.get('base_model.vera_A')!.data).toEqual(data);
  });

  it('is refused by ingest where the spec contradicts it, and where it is none', async () => {
    const other = startingFrom(at('copy'), { method: { type: 'lora', r: 2, initFrom: at('copy') } });
    for (const wrong of [other, startingFrom(at('model'))])
      await expect(resultOf(wrong)).resolves.toMatchObject({
        status: 'failed',
        error: { code: 'SPEC_INVALID', stage: 'ingest' },
      });
  });
});
