import type { Batch, TokenizedSplit } from '@temper/contracts';
import { makeBatch, makePackedBatch, packRows } from '@temper/data';
import { evaluateGraph } from '@temper/graph';
import { buildForward, openModel } from '@temper/models';
import { externalFrom, goldenFolder } from '@temper/models/testing';
import { batchFeeds } from '@temper/training';
import { isStep } from '@temper/contracts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeBase } from '../parity/matrix/cell-model.js';
import { cellIds, readCell } from '../parity/matrix/golden.js';
import { tinyLanguageModel } from './tiny-data.js';
import { TinyRun } from './tiny-run.js';

const lengths = [5, 9, 3, 7, 4, 6, 2];
const offsets = Int32Array.from([0, ...lengths]).map(
  (
    (sum) => (n: number) =>
      (sum += n)
  )(0),
);
const inputIds = Int32Array.from({ length: offsets.at(-1)! }, (_, i) => 3 + ((i * 7) % 40));
const split: TokenizedSplit = { labelKind: 'token', inputIds, labels: inputIds, offsets };
const padding = { padTokenId: 0 };

/** Of each counted token, by the model as it is. */
async function logitsOf(
  folder: string,
  task: 'causal-lm' | 'masked-lm',
  batch: Batch,
  attention: 'padded' | 'segments',
): Promise<number[]> {
  const { graph } = buildForward(await openModel(folder), { task, seed: 0, attention });
  const feeds = Object.fromEntries(
    Object.entries(batchFeeds(batch)).map(([input, { dims, data }]) => [
      input,
      { shape: [...dims], data: Array.from(data as Int32Array) },
    ]),
  );
  return [...evaluateGraph(graph, feeds, { external: externalFrom(folder) }).logits!.data];
}

describe('packed rows', () => {
  it.each(['llama-tiny', 'llama3-tiny', 'mistral-tiny'])('%s: each example is alone', async (name) => {
    const rows = packRows({ offsets, maxLength: 16, seed: 0 });
    expect(rows.length).toBeLessThan(4);
    const packed = makePackedBatch(split, rows, padding);
    const alone = makeBatch(
      split,
      rows.flatMap((row) => [...row]),
      padding,
    );
    expect(packed.labels).toEqual(alone.labels);
    expect(packed.paddedTokens).toBeLessThan(alone.paddedTokens);
    const expected = await logitsOf(goldenFolder(name), 'causal-lm', alone, 'padded');
    const found = await logitsOf(goldenFolder(name), 'causal-lm', packed, 'segments');
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-9));
  });

  const encoders = cellIds().filter((id) => id.endsWith('/full/masked-lm'));
  it.each(encoders)('%s: each example is alone, read from both sides', async (id) => {
    const folder = await mkdtemp(join(tmpdir(), 'temper-packed-'));
    await writeBase(folder, readCell(id));
    const hidden: TokenizedSplit = { ...split, labelKind: 'masked' };
    const rows = packRows({ offsets, maxLength: 16, seed: 0 });
    const packed = makePackedBatch(hidden, rows, padding);
    const indices = rows.flatMap((row) => [...row]);
    const alone = makeBatch(hidden, indices, padding);
    const expected = await logitsOf(folder, 'masked-lm', alone, 'padded');
    const found = await logitsOf(folder, 'masked-lm', packed, 'segments');
    await rm(folder, { recursive: true });
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-9));
  });
});

const settings = tinyLanguageModel({ epochs: 2, seed: 5, evalStrategy: 'no', saveSteps: 1 });

it('a step on packed rows is the step on the same examples unpacked', async () => {
  // One micro-batch holds everything, so that both have the same examples in each step.
  const training = { ...settings.training, trainBatchSize: 16, shuffle: false };
  // Dropout would be drawn for rows in another order.
  const method = { type: 'lora', r: 4 } as const;
  const losses = async (packing: boolean) => {
    await using run = await TinyRun.start({
      ...settings,
      method,
      training,
      tokenize: { maxLength: 32, packing },
    });
    await run.train();
    return (await run.lines()).filter(isStep);
  };
  const [packed, alone] = [await losses(true), await losses(false)];
  expect(packed).toHaveLength(alone.length);
  packed.forEach(({ loss, gradNorm, tokens, paddedTokens }, i) => {
    expect(Math.abs(loss / alone[i]!.loss - 1)).toBeLessThan(1e-5);
    expect(Math.abs(gradNorm / alone[i]!.gradNorm - 1)).toBeLessThan(1e-5);
    expect(tokens).toBe(alone[i]!.tokens);
    expect(paddedTokens).toBeLessThan(alone[i]!.paddedTokens);
  });
});

it('ends with the same weights when it is killed on the way', async () => {
  const packed = { ...settings, tokenize: { maxLength: 24, packing: true } };
  await using whole = await TinyRun.start(packed);
  const expected = await whole.digests((await whole.train()).checkpoint);
  await using run = await TinyRun.start(packed);
  for (const runs of [2, 5]) await expect(run.train({ runs })).rejects.toThrow('killed');
  const found = await run.digests((await run.train()).checkpoint);
  expect(found['trainable.safetensors']).toBe(expected['trainable.safetensors']);
});
