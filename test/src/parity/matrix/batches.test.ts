import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainCell, type TrainedCell } from './engine.js';
import { readCell } from './golden.js';

/** Ten rows: steps of eight and of two, the last of each epoch. */
const steps = 6;
const cells = ['bert/full/sequence-classification', 'llama/lora/causal-lm', 'mistral/full/causal-lm'];

describe.each(cells)('how the rows are cut decides on nothing: %s', (id) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temper-batches-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const trained = (name: string, training: PipelineSpecInput['training']): Promise<TrainedCell> =>
    trainCell(readCell(id), join(folder, name), { training: { maxSteps: steps, ...training } });

  it('8×1, 4×2 and 2×4 have the same losses and gradient norms', async () => {
    const runs = [];
    for (const [trainBatchSize, gradientAccumulationSteps] of [
      [8, 1],
      [4, 2],
      [2, 4],
    ]) {
      const name = `${trainBatchSize}x${gradientAccumulationSteps}`;
      runs.push(await trained(name, { trainBatchSize, gradientAccumulationSteps }));
    }
    const [whole, ...cut] = runs.map((run) => run.steps);
    expect(whole).toHaveLength(steps);
    // The odd steps have eight rows, the even ones two.
    expect(whole![1]!.tokens).toBeLessThan(whole![0]!.tokens);
    for (const run of cut) {
      expect(run.map(({ tokens }) => tokens)).toEqual(whole!.map(({ tokens }) => tokens));
      run.forEach(({ loss, gradNorm }, i) => {
        expect(Math.abs(loss / whole![i]!.loss - 1), `loss of step ${i + 1}`).toBeLessThan(2e-6);
        expect(Math.abs(gradNorm / whole![i]!.gradNorm - 1), `norm of step ${i + 1}`).toBeLessThan(2e-5);
      });
    }
  });

  it('any evalBatchSize has the same evaluation loss', async () => {
    const losses = [];
    for (const evalBatchSize of [1, 3, 64]) {
      const run = await trained(`evaluate-${evalBatchSize}`, {
        evalStrategy: 'steps',
        evalSteps: 3,
        evalBatchSize,
      });
      losses.push(run.evaluations.map(({ loss }) => loss));
    }
    const [one, ...others] = losses;
    expect(one).toHaveLength(steps / 3);
    for (const other of others) {
      other.forEach((loss, i) => expect(Math.abs(loss / one![i]! - 1)).toBeLessThan(1e-6));
    }
  });
});
