/** Weights and smoothing where labels are several a text or one a word, and packed rows (make_weighted.py, make_heads.py, make_tagged.py). */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRows } from '../parity/golden.js';
import { goldenSource } from '../parity/source-folder.js';
import { trainingOf, trainRows } from '../parity/train-rows.js';
import { TextRun } from './text-run.js';
import { wordModel } from './word-model.js';

interface Losses {
  /** Of each step, in float64, and the same in float32. */
  readonly losses: readonly number[];
  readonly rounded: readonly number[];
}
interface Rows {
  readonly train: number;
  readonly texts: readonly string[];
  readonly labels: readonly unknown[];
  readonly tokens: readonly (readonly string[])[];
  readonly tags: readonly (readonly string[])[];
}

const read = async <T>(name: string) => JSON.parse(await readFile(goldenSource('heads', name), 'utf8')) as T;
const training: PipelineSpecInput['training'] = {
  ...{ epochs: 1, trainBatchSize: 4, learningRate: 1e-3, scheduler: 'constant', maxGradNorm: null },
  ...{ weightDecay: 0, shuffle: false, evalStrategy: 'no', classWeights: 'balanced' },
};

let folder: string;
let golden: { readonly several: Losses; readonly tagged: Losses };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-weighted-'));
  golden = await read('weighted.json');
});
afterAll(() => rm(folder, { recursive: true }));

function expectLosses(ours: readonly number[], { losses, rounded }: Losses): void {
  expect(ours).toHaveLength(losses.length);
  const rounding = Math.max(...losses.map((loss, step) => Math.abs(loss - rounded[step]!)));
  losses.forEach((exact, step) =>
    expect(Math.abs(ours[step]! - exact), `step ${step + 1}`).toBeLessThan(
      Math.max(1e-5 * exact, 2 * rounding),
    ),
  );
}

it('the presence of labels in balance is pos_weight of BCEWithLogitsLoss', async () => {
  const { texts, labels, train } = await read<Rows>('multi-label.json');
  const rows = texts.map((text, i) => ({ text, label: labels[i] }));
  const run = await TextRun.start(join(folder, 'several'), {
    modelFolder: await wordModel(join(folder, 'texts'), 'tiny-bert'),
    rows: { train: rows.slice(0, train), test: rows.slice(train) },
    spec: {
      ...{ columns: { text: 'text', label: 'label' }, problemType: 'multi_label_classification' },
      ...{ method: { type: 'full' }, training },
    },
  });
  const { checkpoint } = await run.train();
  expectLosses(await run.losses(), golden.several);
  // Evaluations measure the loss of the task; what guessing costs is of what was minimised.
  const { test } = await run.evaluate(checkpoint);
  expect(test).toHaveProperty('chance.loss');
});

it('tags in balance with smoothed labels are CrossEntropyLoss with weights over counted tokens', async () => {
  const { tokens, tags, train } = await read<Rows>('tagged.json');
  const modelFolder = await wordModel(join(folder, 'words'), 'tiny-bert');
  const config = JSON.parse(await readFile(join(modelFolder, 'config.json'), 'utf8')) as object;
  const id2label = { 0: 'O', 1: 'B-X', 2: 'I-X' };
  await writeFile(join(modelFolder, 'config.json'), JSON.stringify({ ...config, id2label }));
  const rows = tokens.map((words, i) => ({ tokens: words, tags: tags[i] }));
  const run = await TextRun.start(join(folder, 'tagged'), {
    modelFolder,
    rows: { train: rows.slice(0, train), test: rows.slice(train) },
    spec: {
      ...{ columns: { tokens: 'tokens', tags: 'tags' }, method: { type: 'full' } },
      training: { ...training, labelSmoothing: 0.1 },
    },
  });
  await run.train();
  expectLosses(await run.losses(), golden.tagged);
});

it('smoothed labels of packed rows are those of the rows unpacked', async () => {
  const losses = async (packing: boolean) => {
    const lines = await trainRows({
      modelFolder: goldenSource('tiny-llama'),
      rows: readRows('tiny-llama.jsonl'),
      task: 'causal-lm',
      method: { type: 'full' },
      tokenize: { packing, maxLength: 40 },
      training: { ...trainingOf({ batch: 1000 }), maxSteps: 3, labelSmoothing: 0.1 },
    });
    return lines.map(({ loss }) => loss);
  };
  const [packed, apart] = [await losses(true), await losses(false)];
  apart.forEach((loss, step) => expect(packed[step]! / loss).toBeCloseTo(1, 5));
});
