import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StepMetrics } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { readGolden, readRows, type Golden } from '../parity/golden.js';
import { goldenSource } from '../parity/source-folder.js';
import { trainingOf } from '../parity/train-rows.js';
import { environment, needsSoftwareGpu } from './software-gpu.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

const STEPS = 5;
const script = join(import.meta.dirname, '../../dist/training/train-tiny.js');

/** Over SwiftShader: a driver is chosen by the environment that a process starts with. */
async function trainOnGpu(settings: TinySettings): Promise<StepMetrics[]> {
  const env = { ...process.env, ...environment };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, JSON.stringify({ ...settings, provider: 'webgpu' })],
    { env },
  );
  return JSON.parse(stdout) as StepMetrics[];
}

async function trainOnCpu(settings: TinySettings): Promise<StepMetrics[]> {
  await using run = await TinyRun.start(settings);
  await run.train();
  return (await run.lines()) as StepMetrics[];
}

describe.skipIf(!environment)(needsSoftwareGpu('the webgpu provider over SwiftShader'), () => {
  it.each([
    ['llama-full', 0],
    ['bert-full', 0],
    ['bert-full', 0.1],
    ['llama-full', 0.1],
  ])(
    "gives the CPU's losses to 1e-3: %s, dropout %d",
    async (name, dropout) => {
      const golden = readGolden<Golden[]>('tiny.json').find((g) => g.name === name)!;
      const settings: TinySettings = {
        modelFolder: goldenSource(golden.model),
        splits: { train: readRows(golden.data) },
        task: name.startsWith('bert') ? 'sequence-classification' : 'causal-lm',
        method: { type: 'full' },
        dropout,
        training: { ...trainingOf(golden), maxSteps: STEPS },
      };
      const cpu = await trainOnCpu(settings);
      const gpu = await trainOnGpu(settings);
      expect(cpu).toHaveLength(STEPS);
      cpu.forEach((line, i) => {
        expect(Math.abs(gpu[i]!.loss - line.loss), `loss of step ${i + 1}`).toBeLessThan(1e-3 * line.loss);
        expect(Math.abs(gpu[i]!.gradNorm - line.gradNorm)).toBeLessThan(1e-2 * line.gradNorm);
      });
      // The losses move by more than the tolerance, so that equal ones mean equal steps.
      const losses = cpu.map((line) => line.loss);
      expect(Math.max(...losses) - Math.min(...losses)).toBeGreaterThan(1e-2 * losses[0]!);
    },
    240_000,
  );
});
