import { join } from 'node:path';
import { ArtifactStore, blobKey, RunStore } from '@temper/storage';
import type { Audit } from '@temper/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemper } from '../cli/temper.js';
import { writeTinyPipeline } from '../cli/tiny-classifier.js';
import { Stack } from './stack.js';

let stack: Stack;
let runId: string;
let artifacts: ArtifactStore;

beforeAll(async () => {
  stack = await Stack.start();
  await stack.worker('cpu');
  artifacts = new ArtifactStore(stack.store, { cacheFolder: join(stack.folder, 'blobs') });
  const spec = {
    ...(await writeTinyPipeline(stack.folder, 80)),
    training: { maxSteps: 9, trainBatchSize: 8, saveSteps: 3, evalStrategy: 'steps', evalSteps: 4 },
    evaluation: { gate: 'none' },
  } as const;
  runId = await stack.client.submit(spec);
  await stack.client.result(runId);
});
afterAll(() => stack[Symbol.asyncDispose]());

async function temper(...args: string[]) {
  const { code, stdout } = await startTemper(stack.folder, args, stack.services.env).ended;
  return { code, stdout };
}

const checkpointOf = async (step: number) =>
  (await stack.client.checkpoints(runId)).find((entry) => entry.step === step)!;

describe('temper runs audit', () => {
  it('finds a run to be what its checkpoints say, and leaves everything as it is', async () => {
    const { code, stdout } = await temper('runs', 'audit', runId, '--json');
    const audit = JSON.parse(stdout) as Audit;
    expect({ code, verdict: audit.verdict }).toEqual({ code: 0, verdict: 'equal' });
    const steps = audit.checkpoints.map(({ step }) => step);
    expect(steps).toEqual(expect.arrayContaining([3, 6, 9]));
    expect(audit.checkpoints.map(({ from }) => from)).toEqual([0, ...steps.slice(0, -1)]);
    expect((await temper('runs', 'show', runId)).stdout).toMatch(/trained by ONNX Runtime [\d.]+, cpu, /);
  });

  it('says that it cannot tell of what another engine trained, and ends with 3', async () => {
    const entry = await checkpointOf(9);
    const { files, meta } = await artifacts.manifest(entry.checkpoint);
    const contents = await Promise.all(
      files.map(async ({ path }) => [path, await artifacts.readFile(entry.checkpoint, path)] as const),
    );
    const engine = { ...meta.engine!, instructions: 'x64 sse4_1' };
    const other = await artifacts.putArtifact('checkpoint', Object.fromEntries(contents), {
      ...meta,
      engine,
    });
    const runs = new RunStore(stack.store);
    await runs.putCheckpoint(runId, { ...entry, checkpoint: other }, 8);
    const { code, stdout } = await temper('runs', 'audit', runId);
    expect(code).toBe(3);
    expect(stdout).toMatch(/step \d → 9 {2}unknown: it was trained by ONNX Runtime .*sse4_1/);
    await runs.putCheckpoint(runId, entry, 9);
  });

  it('names the checkpoint whose bytes were changed, and ends with 1', async () => {
    const { files } = await artifacts.manifest((await checkpointOf(6)).checkpoint);
    const key = blobKey(files.find(({ path }) => path === 'trainable.safetensors')!.digest);
    const { bytes } = (await stack.store.get(key))!;
    bytes[bytes.length - 1]! ^= 1;
    await stack.store.put(key, bytes);
    const { code, stdout } = await temper('runs', 'audit', runId);
    expect(code).toBe(1);
    expect(stdout).toContain('not what training leads to: the checkpoint of step 6\n');
  });

  it('says that there is no such run', async () => {
    const { code } = await temper('runs', 'audit', 'nobody');
    expect(code).toBe(2);
  });
});
