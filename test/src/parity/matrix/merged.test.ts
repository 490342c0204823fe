import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportMerged } from '@temper/methods';
import {
  exportCell,
  exportedLogits,
  exportOptions,
  mergedLogits,
  trainCell,
  type TrainedCell,
} from './engine.js';
import { readCell } from './golden.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-merged-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function trained(id: string): Promise<TrainedCell> {
  const place = await mkdtemp(join(folder, 'cell-'));
  return trainCell(readCell(id), place);
}

/** The base model with the adapter in its weights. Returns the folder. */
async function merge(cell: TrainedCell): Promise<string> {
  const merged = join(cell.folder, 'merged');
  await exportMerged(merged, await exportOptions(cell));
  return merged;
}

/** The largest difference, as a share of the largest logit. */
function differenceOf(found: readonly number[][], expected: readonly number[][]): number {
  const [a, b] = [found.flat(), expected.flat()];
  expect(a).toHaveLength(b.length);
  expect(a.every(Number.isFinite)).toBe(true);
  return largest(a.map((value, i) => value - b[i]!)) / largest(b);
}

const largest = (values: readonly number[]) => Math.max(...values.map(Math.abs));

describe('a merged model alone has the logits of the base model with the adapter that was exported', () => {
  it.each([
    'bert/lora-dora/sequence-classification',
    'bert/lora-tables/sequence-classification',
    'bert/ia3/sequence-classification',
    'bert/qlora/sequence-classification',
    'llama/lora-dora/causal-lm',
    'llama/lora-patterns/causal-lm',
    'llama/lora-rslora/causal-lm',
    'llama/lora-saved/causal-lm',
    'llama/ia3/causal-lm',
    'llama/qlora/causal-lm',
    'llama/qlora-double/causal-lm',
    // The queries, keys and values of these lie in one weight.
    'gpt_neox/ia3/causal-lm',
    'phi3/ia3/causal-lm',
    'phi3/qlora/causal-lm',
    // Conv1D: weights lie as [inputs, outputs].
    'gpt2/lora/causal-lm',
    'gpt2/lora-all-linear/causal-lm',
    'gpt2/lora-dora/causal-lm',
    'gpt2/ia3/causal-lm',
    'gpt2/qlora/causal-lm',
    'gpt2/qlora-double/causal-lm',
    'gpt2/vera/causal-lm',
    'llama/vera/causal-lm',
    'llama/loha-patterns/causal-lm',
    // The frozen weights are what is left of them in 2 bytes.
    'bert/lora-bf16/sequence-classification',
    'bert/ia3-bf16/sequence-classification',
    'llama/lora-saved-bf16/causal-lm',
    'gpt2/lora-fp16/causal-lm',
  ])('%s', async (id) => {
    const cell = await trained(id);
    const merged = await merge(cell);
    const expected = await exportedLogits(cell, await exportCell(cell));
    const found = await mergedLogits(cell, merged);
    expect(differenceOf(found, expected)).toBeLessThan(2e-5);
    // What was trained is in it: the base model says something else.
    const untrained = await mergedLogits(cell, cell.baseFolder);
    expect(differenceOf(untrained, expected)).toBeGreaterThan(1e-3);
    const config = JSON.parse(await readFile(join(merged, 'config.json'), 'utf8')) as object;
    expect(config).not.toHaveProperty('quantization_config');
  });
});

describe('what no weight of the base model can hold is refused, with its reason', () => {
  it.each([
    ['llama/prompt-tuning/causal-lm', /cannot be merged .* in front of each text/],
    ['llama/prefix-tuning/causal-lm', /cannot be merged .* in front of each text/],
    ['gpt2/lora-tables/causal-lm', /would change both/],
  ])('%s', async (id, says) => {
    await expect(merge(await trained(id))).rejects.toThrow(says);
  });
});
