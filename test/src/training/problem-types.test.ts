/** Labels that are lists or numbers, from a user's file to `predict`, held to transformers, scikit-learn and scipy (make_heads.py). */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors, type TensorSource } from '@temper/models';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenSource } from '../parity/source-folder.js';
import { TextRun } from './text-run.js';
import { wordModel } from './word-model.js';

interface HeadGolden {
  readonly texts: readonly string[];
  /** So many rows are trained on, once and in their order; the others are the test split. */
  readonly train: number;
  readonly labels: readonly unknown[];
  /** Of each step, in float64, and the same in float32. */
  readonly losses: readonly number[];
  readonly rounded: readonly number[];
  readonly logits: readonly (readonly number[])[];
  readonly metrics: Readonly<Record<string, number>>;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-problems-'));
});
afterAll(() => rm(folder, { recursive: true }));

const training: PipelineSpecInput['training'] = {
  ...{
    epochs: 1,
    trainBatchSize: 4,
    learningRate: 1e-3,
    scheduler: 'constant',
    maxGradNorm: null,
    weightDecay: 0,
  },
  ...{ shuffle: false, evalStrategy: 'no' },
};
const rowsOf = (golden: HeadGolden) => {
  const rows = golden.texts.map((text, i) => ({ text, label: golden.labels[i] }));
  return { train: rows.slice(0, golden.train), test: rows.slice(golden.train) };
};

async function trained(name: string, modelFolder: string, more: Partial<PipelineSpecInput>) {
  const golden = JSON.parse(await readFile(goldenSource('heads', `${name}.json`), 'utf8')) as HeadGolden;
  const run = await TextRun.start(join(folder, name), {
    modelFolder,
    rows: rowsOf(golden),
    spec: { columns: { text: 'text', label: 'label' }, method: { type: 'full' }, training, ...more },
  });
  const result = await run.train();
  const losses = await run.losses();
  expect(losses).toHaveLength(golden.losses.length);
  expect(losses[0]! / golden.losses[0]!).toBeCloseTo(1, 6);
  const rounding = Math.max(...golden.losses.map((loss, step) => Math.abs(loss - golden.rounded[step]!)));
  losses.forEach((loss, step) => {
    const exact = golden.losses[step]!;
    expect(Math.abs(loss - exact)).toBeLessThan(Math.max(1e-5 * exact, 2 * rounding));
  });
  const { test } = await run.evaluate(result.checkpoint);
  for (const [metric, value] of Object.entries(golden.metrics))
    expect(test[metric], metric).toBeCloseTo(value, 4);
  return { golden, test, ...(await run.publish(result)) };
}

describe('several labels a text', () => {
  it('have transformers’ losses and scikit-learn’s metrics, and are predicted', async () => {
    const modelFolder = await wordModel(folder, 'tiny-bert');
    const problemType = 'multi_label_classification';
    const {
      golden,
      predictor,
      folder: exported,
      test,
    } = await trained('multi-label', modelFolder, { problemType });
    await using _ = predictor;
    const { train, texts, logits } = golden;
    const readings = await predictor.classify(texts.slice(train));
    readings.forEach(({ labels, probabilities }, row) => {
      const likely = logits[row]!.map((logit) => 1 / (1 + Math.exp(-logit)));
      likely.forEach((p, k) => expect(probabilities![String(k)]).toBeCloseTo(p, 4));
      expect([...labels!].sort()).toEqual(likely.flatMap((p, k) => (p > 0.5 ? [String(k)] : [])));
    });
    const config = JSON.parse(await readFile(join(exported, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ problem_type: problemType, id2label: { 0: '0', 1: '1', 2: '2' } });
    expect(Object.keys(test.perClass as object)).toEqual(['0', '1', '2']);
    expect(test.interval95).toHaveProperty('f1Micro');
  });
});

describe('a number a text', () => {
  /** The head's first row alone. */
  async function regressor(): Promise<string> {
    const target = await wordModel(join(folder, 'one'), 'tiny-bert');
    const weights = await readSafetensors(join(target, 'model.safetensors'));
    const sources = [...weights].map(([name, { shape, data }]): [string, TensorSource] => {
      const [rows = 1, ...rest] = shape;
      const isHead = name.startsWith('classifier.');
      const values = data as Float32Array;
      return isHead
        ? [name, { dtype: 'F32', shape: [1, ...rest], data: values.slice(0, values.length / rows) }]
        : [name, { dtype: 'F32', shape, data: values }];
    });
    await writeSafetensors(join(target, 'model.safetensors'), new Map(sources));
    const config = JSON.parse(await readFile(join(target, 'config.json'), 'utf8')) as object;
    await writeFile(join(target, 'config.json'), JSON.stringify({ ...config, id2label: { 0: 'LABEL_0' } }));
    return target;
  }

  it('has transformers’ losses and scipy’s correlations, and is predicted', async () => {
    const {
      golden,
      predictor,
      folder: exported,
      test,
    } = await trained('regression', await regressor(), {
      problemType: 'regression',
    });
    await using _ = predictor;
    const { train, texts, logits } = golden;
    const readings = await predictor.classify(texts.slice(train));
    readings.forEach(({ value }, row) => expect(value).toBeCloseTo(logits[row]![0]!, 4));
    const config = JSON.parse(await readFile(join(exported, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ problem_type: 'regression', num_labels: 1 });
    expect(test.interval95).toHaveProperty('pearson');
  });

  it('is learnt by an adapter with a head of its own, whatever head the base has', async () => {
    const golden = JSON.parse(await readFile(goldenSource('heads', 'regression.json'), 'utf8')) as HeadGolden;
    const run = await TextRun.start(join(folder, 'adapter'), {
      modelFolder: await wordModel(join(folder, 'three'), 'tiny-bert'),
      rows: rowsOf(golden),
      spec: {
        ...{ columns: { text: 'text', label: 'label' }, problemType: 'regression', method: { type: 'lora' } },
        training: { ...training, epochs: 3, learningRate: 1e-2 },
      },
    });
    const { meta } = await run.artifacts.manifest(run.tokens);
    expect(meta.head).toMatchObject({ from: 'new' });
    const result = await run.train();
    const { test } = await run.evaluate(result.checkpoint);
    const { predictor } = await run.publish(result);
    await using _ = predictor;
    const readings = await predictor.classify(golden.texts.slice(golden.train));
    const errors = readings.map(({ value }, row) => value! - (golden.labels[golden.train + row] as number));
    const mse = errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
    expect(mse).toBeCloseTo(test.mse as number, 4);
  });

  it('must be a number', async () => {
    const start = TextRun.start(join(folder, 'wrong'), {
      modelFolder: await wordModel(join(folder, 'other'), 'tiny-bert'),
      rows: { train: [{ text: 'w1', label: 'high' }], test: [{ text: 'w2', label: 1 }] },
      spec: { columns: { text: 'text', label: 'label' }, problemType: 'regression' },
    });
    await expect(start).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(start).rejects.toThrow(
      /train\.jsonl:1: wrong type for label; found high; allowed: a number/,
    );
  });
});
