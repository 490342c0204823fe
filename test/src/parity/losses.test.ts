/** Smoothed labels, weights of classes and focus, held to PyTorch step by step (make_losses.py). */
import type { StepMetrics } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import { describe, expect, it } from 'vitest';
import { expectSteps } from './expect-steps.js';
import { readGolden, readRows, type GoldenStep } from './golden.js';
import { goldenSource } from './source-folder.js';
import { trainingOf, trainRows } from './train-rows.js';

interface LossGolden {
  readonly model: string;
  readonly training: PipelineSpecInput['training'];
  readonly steps: readonly GoldenStep[];
}

const goldens = readGolden<LossGolden[]>('losses.json');
const named = goldens.map(
  (golden) => [`${golden.model} ${JSON.stringify(golden.training)}`, golden] as const,
);

const train = (
  { model, training }: LossGolden,
  [batch, accumulation]: readonly [number, number],
  method: PipelineSpecInput['method'] = { type: 'full' },
): Promise<StepMetrics[]> =>
  trainRows({
    modelFolder: goldenSource(model),
    rows: readRows(`${model}.jsonl`),
    task: model.includes('bert') ? 'sequence-classification' : 'causal-lm',
    method,
    training: { ...trainingOf({ batch, accumulation }), ...training },
  });

describe('20 steps are PyTorch’s, to 1e-5', () => {
  it.each(named)('%s', async (_, golden) => {
    expectSteps(await train(golden, [8, 1]), golden.steps, 1e-5);
  });
});

it.each([
  [4, 2],
  [2, 4],
] as const)('a step of weighted classes is the same cut into batches of %i', async (batch, accumulation) => {
  const weighted = goldens[2]!;
  expectSteps(await train(weighted, [batch, accumulation]), weighted.steps, 1e-5);
});

it('every method learns by it: an adapter begins at the same loss', async () => {
  const [first] = await train(goldens[2]!, [8, 1], { type: 'lora', r: 4 });
  expect(first!.loss / goldens[2]!.steps[0]!.loss).toBeCloseTo(1, 5);
});
