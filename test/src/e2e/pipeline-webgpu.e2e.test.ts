import { copyFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepMetrics } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenSource } from '../parity/source-folder.js';
import { environment, needsSoftwareGpu } from '../training/software-gpu.js';
import { Stack } from './stack.js';

describe.skipIf(!environment)(needsSoftwareGpu('the GPU pool, on a software GPU'), () => {
  let stack: Stack;
  let spec: PipelineSpecInput;

  beforeAll(async () => {
    stack = await Stack.start();
    const base = join(stack.folder, 'llama');
    await cp(goldenSource('tiny-llama'), base, { recursive: true });
    const train = join(stack.folder, 'rows.jsonl');
    await copyFile(goldenSource('tiny-llama.jsonl'), train);
    spec = {
      name: 'tiny-llama',
      task: 'causal-lm',
      model: { base },
      dataset: { train, columns: { inputIds: 'input_ids', labels: 'labels' } },
      method: { type: 'lora', r: 4, targetModules: ['q_proj', 'v_proj'] },
      training: { maxSteps: 8, learningRate: 1e-2, trainBatchSize: 2, evalBatchSize: 2, evalStrategy: 'no' },
    };
    const allowed = { ...environment, TEMPER_ALLOW_SOFTWARE_GPU: '1' };
    await Promise.all([stack.worker('cpu'), stack.worker('webgpu', allowed)]);
  });
  afterAll(() => stack?.[Symbol.asyncDispose]());

  const run = async (pool: 'auto' | 'cpu' | 'webgpu') => {
    const runId = await stack.client.submit({ ...spec, resources: { pool } });
    const result = await stack.client.result(runId);
    expect(result.error).toBeUndefined();
    expect(result.status).toBe('completed');
    const lines = (await stack.client.metrics(runId)) as StepMetrics[];
    const { pool: used } = await stack.client.show(runId);
    return { result, losses: lines.map((line) => line.loss), used };
  };

  it("trains a two-layer Llama through the whole pipeline, with the CPU's losses", async () => {
    const cpu = await run('cpu');
    const gpu = await run('webgpu');
    expect(gpu.used).toBe('webgpu');
    expect(gpu.result.stages.find((s) => s.name === 'train')).toMatchObject({ cached: false });
    expect(cpu.losses).toHaveLength(8);
    cpu.losses.forEach((loss, i) => {
      expect(Math.abs(gpu.losses[i]! - loss), `loss of step ${i + 1}`).toBeLessThan(1e-3 * loss);
    });
    // They move by more than the tolerance, so equal losses mean equal steps.
    expect(Math.abs(cpu.losses[0]! - cpu.losses[7]!)).toBeGreaterThan(1e-2 * cpu.losses[0]!);
    const test = (result: typeof cpu) => (result.result.metrics.test as { loss: number }).loss;
    expect(Math.abs(test(gpu) - test(cpu))).toBeLessThan(1e-3 * test(cpu));
  });

  it('is never chosen by pool: auto', async () => {
    const { used, result } = await run('auto');
    expect(used).toBe('cpu');
    // The CPU run of the test before, found in the cache: it is the same training.
    expect(result.stages.slice(0, 4).map((s) => s.cached)).toEqual([true, true, true, true]);
  });
});
