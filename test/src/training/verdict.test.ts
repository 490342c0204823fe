import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef } from '@temper/contracts';
import type { EvaluateResult } from '@temper/training';
import { judge } from '@temper/training/verdict/judge';
import { describe, expect, it } from 'vitest';
import { tinyClassifier, tinyLanguageModel } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

/** As many test rows as a refusal asks for: the rows that are there, over and over. */
function withTestRows(settings: TinySettings, rows: number, from: 'train' | 'test' = 'test'): TinySettings {
  const given = settings.splits[from]!;
  const test = Array.from({ length: rows }, (_, i) => given[i % given.length]!);
  return { ...settings, splits: { ...settings.splits, test } };
}

async function trained(settings: TinySettings) {
  await using run = await TinyRun.start(settings);
  const { checkpoint } = await run.train();
  const result = await run.evaluate(checkpoint);
  const log = await run.lines();
  const examples = { test: settings.splits.test!.length };
  const verdicts = judge({ spec: run.spec, log, examples, ...result });
  return { result, verdicts, files: await filesOf(run, result.rows) };
}

async function filesOf(run: TinyRun, rows: ArtifactRef<'evaluation'>) {
  const folder = join(run.cacheFolder, 'rows');
  const { files, meta } = await run.artifacts.manifest(rows);
  await run.artifacts.materialize(rows, folder);
  const contents = files.map(async ({ path }) => {
    const { buffer } = Uint8Array.from(await readFile(join(folder, path)));
    return [path, path.endsWith('.f32') ? new Float32Array(buffer) : new Int32Array(buffer)] as const;
  });
  return { meta, ...Object.fromEntries(await Promise.all(contents)) } as {
    meta: unknown;
    [file: `${string}.${string}`]: Float32Array | Int32Array;
  };
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
const number = (result: EvaluateResult, model: 'base' | 'test', metric: string) =>
  Number(result[model][metric]);

describe('what both models make of each test row', () => {
  it('is kept without logits, and adds up to the metrics of a classifier', async () => {
    const { result, files } = await trained(withTestRows(tinyClassifier({ maxSteps: 4 }), 31));
    expect(files.meta).toMatchObject({ labelKind: 'class', rows: 31 });
    for (const model of ['base', 'test'] as const) {
      expect(sum(files[`${model}.loss.f32`]!) / 31).toBeCloseTo(number(result, model, 'loss'), 5);
      const predicted = files[`${model}.predicted.i32`]!;
      const hits = files['labels.i32']!.filter((label, row) => label === predicted[row]).length;
      expect(hits / 31).toBeCloseTo(number(result, model, 'accuracy'), 12);
    }
    const { accuracy, f1 } = result.test.interval95 as Record<string, [number, number]>;
    expect(accuracy![0]).toBeLessThanOrEqual(number(result, 'test', 'accuracy'));
    expect(accuracy![1]).toBeGreaterThanOrEqual(number(result, 'test', 'accuracy'));
    expect(f1).toHaveLength(2);
  });

  it('adds up to those of a language model, by its counted tokens', async () => {
    const { result, files } = await trained(withTestRows(tinyLanguageModel({ maxSteps: 4 }), 31));
    expect(files.meta).toMatchObject({ labelKind: 'token', rows: 31 });
    const counted = sum(files['counted.i32']!);
    expect(counted).toBe(result.test.countedTokens);
    for (const model of ['base', 'test'] as const) {
      expect(sum(files[`${model}.loss.f32`]!) / counted).toBeCloseTo(number(result, model, 'loss'), 5);
    }
    expect(result.comparison).toMatchObject({ metric: 'loss', rows: 31 });
    expect(result.comparison!.base).toBeCloseTo(number(result, 'base', 'loss'), 5);
  });
});

describe('the verdict on real trainings', () => {
  it('a language model that is destroyed is worse than its base, and refused', async () => {
    const training = { maxSteps: 12, learningRate: 3, scheduler: 'constant', maxGradNorm: null } as const;
    const { verdicts } = await trained(withTestRows(tinyLanguageModel(training), 40));
    expect(verdicts.find(({ name }) => name === 'worse-than-base')).toMatchObject({ refuses: true });
  });

  it('one that learnt the very rows that it is asked is better than its base', async () => {
    const training = { epochs: 60, learningRate: 2e-2, scheduler: 'constant', evalStrategy: 'no' } as const;
    const { verdicts, result } = await trained(withTestRows(tinyLanguageModel(training), 40, 'train'));
    expect(result.comparison!.interval[1]).toBeLessThan(0);
    expect(verdicts.filter(({ refuses }) => refuses)).toEqual([]);
  });

  it('a classifier whose rate is far too large says the same to everything', async () => {
    const settings = withTestRows(
      tinyClassifier({ maxSteps: 30, learningRate: 1, scheduler: 'constant' }),
      60,
    );
    const { verdicts } = await trained(settings);
    expect(verdicts[0]).toMatchObject({ name: 'collapsed', refuses: true });
  });
});
