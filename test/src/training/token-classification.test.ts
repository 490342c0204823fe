/** Tags of words, from a user's file to `predict`, held to transformers and seqeval (make_tagged.py). */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenSource } from '../parity/source-folder.js';
import { TextRun } from './text-run.js';
import { wordModel } from './word-model.js';

interface Golden {
  /** So many rows are trained on, once and in their order; the others are the test split, of words with one token each. */
  readonly train: number;
  readonly tokens: readonly (readonly string[])[];
  readonly tags: readonly (readonly string[])[];
  /** Of each step, in float64, and the same in float32. */
  readonly losses: readonly number[];
  readonly rounded: readonly number[];
  /** Of each word of the test split. */
  readonly logits: readonly (readonly (readonly number[])[])[];
  readonly metrics: Readonly<Record<string, number>>;
}

let folder: string;
let golden: Golden;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-tags-'));
  golden = JSON.parse(await readFile(goldenSource('heads', 'tagged.json'), 'utf8')) as Golden;
});
afterAll(() => rm(folder, { recursive: true }));

const NAMES = ['O', 'B-X', 'I-X'];
const columns = { tokens: 'tokens', tags: 'tags' };
const training: PipelineSpecInput['training'] = {
  ...{ epochs: 1, trainBatchSize: 4, learningRate: 1e-3, scheduler: 'constant', maxGradNorm: null },
  ...{ weightDecay: 0, shuffle: false, evalStrategy: 'no' },
};

/** The tiny BERT, whose head has a row a tag. */
async function tagger(name: string): Promise<string> {
  const target = await wordModel(join(folder, name), 'tiny-bert');
  const config = JSON.parse(await readFile(join(target, 'config.json'), 'utf8')) as object;
  const id2label = Object.fromEntries(NAMES.entries());
  await writeFile(join(target, 'config.json'), JSON.stringify({ ...config, id2label }));
  return target;
}

const splitsOf = ({ train }: Golden, rows: readonly object[]) => ({
  train: rows.slice(0, train),
  test: rows.slice(train),
});
const rowsOf = (of: Golden) =>
  splitsOf(
    of,
    of.tokens.map((tokens, i) => ({ tokens, tags: of.tags[i] })),
  );

describe('tags of words', () => {
  it('have transformers’ losses and seqeval’s metrics, and are predicted with their texts', async () => {
    const run = await TextRun.start(join(folder, 'whole'), {
      modelFolder: await tagger('words'),
      rows: rowsOf(golden),
      spec: { columns, method: { type: 'full' }, training },
    });
    expect(run.spec.task).toBe('token-classification');
    expect((await run.artifacts.manifest(run.tokens)).meta).toMatchObject({
      labelNames: NAMES,
      head: { from: 'own' },
    });
    const result = await run.train();
    expectLosses(await run.losses());
    const { test } = await run.evaluate(result.checkpoint);
    for (const [metric, value] of Object.entries(golden.metrics))
      expect(test[metric], metric).toBeCloseTo(value, 4);
    expect(test.interval95).toHaveProperty('f1');
    expect(Object.keys(test.perClass as object)).toEqual(['X']);

    const { predictor, folder: exported } = await run.publish(result);
    await using _ = predictor;
    const config = JSON.parse(await readFile(join(exported, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({
      architectures: ['BertForTokenClassification'],
      id2label: { 0: 'O', 1: 'B-X', 2: 'I-X' },
    });
    const texts = golden.tokens.slice(golden.train).map((words) => words.join(' '));
    const readings = await predictor.classify(texts);
    readings.forEach(({ entities }, row) => {
      const said = golden.logits[row]!.map((logits) => logits.indexOf(Math.max(...logits)));
      const words = texts[row]!.split(' ');
      // A stretch of words that are not outside, cut before each B-X.
      const stretches: string[][] = [];
      said.forEach((tag, k) => {
        if (tag === 1 || (tag === 2 && !said[k - 1])) stretches.push([words[k]!]);
        else if (tag === 2) stretches.at(-1)!.push(words[k]!);
      });
      const wanted = stretches.map((stretch) => stretch.join(' '));
      expect(entities!.map(({ text }) => text)).toEqual(wanted);
      expect(entities!.map(({ start, end }) => texts[row]!.slice(start, end))).toEqual(wanted);
      expect(entities!.every(({ label, score }) => label === 'X' && score > 1 / 3 && score <= 1)).toBe(true);
    });
    expect(readings.some(({ entities }) => entities!.length > 0)).toBe(true);
    expect(await predictor.classify([''])).toEqual([{ entities: [] }]);
  });

  it('are learnt of token ids and class numbers as well', async () => {
    const rows = golden.tokens.map((words, i) => {
      const ids = words.map((word) => word.split(' ').map((token) => Number(token.slice(1))));
      const tagOf = (word: number) => NAMES.indexOf(golden.tags[i]![word]!);
      const labels = ids.flatMap((of, word) => of.map((_, part) => (part ? -100 : tagOf(word))));
      return { input_ids: ids.flat(), labels };
    });
    const run = await TextRun.start(join(folder, 'ids'), {
      modelFolder: await tagger('numbers'),
      rows: splitsOf(golden, rows),
      spec: {
        ...{ task: 'token-classification', columns: { inputIds: 'input_ids', labels: 'labels' } },
        ...{ method: { type: 'full' }, training },
      },
    });
    await run.train();
    expectLosses(await run.losses());
  });

  it('are learnt by an adapter with a head for other tags than the base model has', async () => {
    const run = await TextRun.start(join(folder, 'adapter'), {
      modelFolder: await wordModel(join(folder, 'other'), 'tiny-bert'),
      rows: rowsOf(golden),
      spec: { columns, method: { type: 'lora' }, training: { ...training, epochs: 4, learningRate: 1e-2 } },
    });
    const result = await run.train();
    const { base, test } = await run.evaluate(result.checkpoint);
    expect(test.tokenAccuracy).toBeGreaterThan(base!.tokenAccuracy as number);
    const { predictor, folder: exported } = await run.publish(result);
    await using _ = predictor;
    const config = JSON.parse(await readFile(join(exported, 'adapter_config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ task_type: 'TOKEN_CLS' });
    const [reading] = await predictor.classify([golden.tokens.at(-1)!.join(' ')]);
    expect(reading!.entities).toBeDefined();
  });

  it('must be one a word', async () => {
    const start = TextRun.start(join(folder, 'wrong'), {
      modelFolder: await wordModel(join(folder, 'wrong-model'), 'tiny-bert'),
      rows: { train: [{ tokens: ['w1', 'w2'], tags: ['O'] }], test: [{ tokens: ['w1'], tags: ['O'] }] },
      spec: { columns },
    });
    await expect(start).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(start).rejects.toThrow(/train\.jsonl:1: tokens and tags do not fit; found 2 tokens, 1 tags/);
  });
});

function expectLosses(losses: readonly number[]): void {
  expect(losses).toHaveLength(golden.losses.length);
  expect(losses[0]! / golden.losses[0]!).toBeCloseTo(1, 6);
  const rounding = Math.max(...golden.losses.map((loss, step) => Math.abs(loss - golden.rounded[step]!)));
  losses.forEach((loss, step) => {
    const exact = golden.losses[step]!;
    expect(Math.abs(loss - exact)).toBeLessThan(Math.max(1e-5 * exact, 2 * rounding));
  });
}
