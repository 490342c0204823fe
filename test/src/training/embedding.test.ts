/** Embeddings, from a user's texts to `predict`, held to sentence-transformers (make_sentence_pairs.py). */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyBert } from '../cli/tiny-classifier.js';
import { readGolden } from '../parity/golden.js';
import { TextRun } from './text-run.js';

interface Golden {
  readonly columns: readonly string[];
  readonly rows: { readonly train: readonly object[]; readonly test: readonly object[] };
  readonly steps: readonly number[];
  readonly metrics: Readonly<Record<string, number>>;
}

const goldens = readGolden<Golden[]>('sentence-pairs.json');
const named = goldens.map((golden) => [golden.columns.join(', '), golden] as const);
const columnsOf = ({ columns }: Golden) =>
  Object.fromEntries(columns.map((name) => [name, name])) as PipelineSpecInput['dataset']['columns'];

let folder: string;
let bert: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-embedding-'));
  bert = await writeTinyBert(join(folder, 'bert'));
});
afterAll(() => rm(folder, { recursive: true }));

const training: NonNullable<PipelineSpecInput['training']> = {
  ...{ maxSteps: 20, trainBatchSize: 6, learningRate: 1e-3, weightDecay: 0, shuffle: false },
  ...{ scheduler: 'constant', evalStrategy: 'no', maxGradNorm: 1e9 },
};
const start = (golden: Golden, name: string, spec: Partial<PipelineSpecInput> = {}) =>
  TextRun.start(join(folder, name), {
    ...{ modelFolder: bert, rows: golden.rows },
    spec: {
      ...{ task: 'embedding', columns: columnsOf(golden), tokenize: { maxLength: 16 } },
      ...{ method: { type: 'full' }, training, ...spec },
    },
  });

describe.each(named)('rows of %s', (name, golden) => {
  it("are learnt as sentence-transformers learns them, and measured by scipy's and its own definitions", async () => {
    const run = await start(golden, `whole ${name}`);
    const result = await run.train();
    const losses = await run.losses();
    expect(losses).toHaveLength(20);
    golden.steps.forEach((loss, i) => expect(Math.abs(losses[i]! / loss - 1)).toBeLessThan(2e-4));
    const { test, comparison } = await run.evaluate(result.checkpoint);
    expect(comparison).toMatchObject({ metric: 'loss', rows: 25 });
    for (const [metric, value] of Object.entries(golden.metrics))
      expect(Math.abs((test[metric] as number) - value)).toBeLessThan(2e-3);
  });

  it('have the same evaluation in batches of any size', async () => {
    const of = async (evalBatchSize: number) => {
      const more = { training: { ...training, maxSteps: 1, evalBatchSize } };
      const run = await start(golden, `by ${evalBatchSize} ${name}`, more);
      return (await run.evaluate((await run.train()).checkpoint)).test;
    };
    const [one, many] = [await of(1), await of(64)];
    for (const metric of ['loss', ...Object.keys(golden.metrics)])
      expect(Math.abs((one[metric] as number) - (many[metric] as number))).toBeLessThan(1e-6);
  });
});

describe('methods', () => {
  it.each([
    ['full', { type: 'full' }, { architectures: ['BertModel'] }],
    ['lora', { type: 'lora', r: 8 }, { peft_type: 'LORA', task_type: 'FEATURE_EXTRACTION' }],
    ['qlora', { type: 'qlora' }, { peft_type: 'LORA' }],
    ['ia3', { type: 'ia3' }, { peft_type: 'IA3' }],
    ['ln-tuning', { type: 'ln-tuning' }, { peft_type: 'LN_TUNING' }],
    ['adapter', { type: 'adapter' }, { peft_type: 'TEMPER_BOTTLENECK' }],
  ] as const)('%s learns, and its published model makes vectors', async (name, method, config) => {
    const run = await start(goldens[1]!, name, { method, training: { ...training, learningRate: 5e-3 } });
    const result = await run.train();
    const losses = await run.losses();
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    const { predictor, folder: exported } = await run.publish(result);
    await using _ = predictor;
    const file = name === 'full' ? 'config.json' : 'adapter_config.json';
    expect(JSON.parse(await readFile(join(exported, file), 'utf8'))).toMatchObject(config);
    const [first, again] = await predictor.classify(['a good film', 'a good film']);
    expect(first!.embedding).toHaveLength(32);
    expect(again).toEqual(first);
  });
});

describe('a spec', () => {
  const wrong = (spec: object) => {
    try {
      parsePipelineSpec({ name: 'x', model: { base: 'm' }, ...spec });
    } catch (error) {
      return (error as { problems: object[] }).problems;
    }
    return [];
  };
  const pairs = { train: 'a.csv', columns: { anchor: 'a', positive: 'b' } };

  it('says the task by its columns, and the loss by these', () => {
    const spec = parsePipelineSpec({ name: 'x', model: { base: 'm' }, dataset: pairs });
    expect(spec).toMatchObject({ task: 'embedding', training: { metricForBestModel: 'loss' } });
  });

  it('with columns or a loss of something else is told what is allowed', () => {
    expect(
      wrong({ task: 'embedding', dataset: { train: 'a.csv', columns: { text: 'a', label: 'b' } } }),
    ).toMatchObject([
      {
        path: 'dataset.columns',
        allowed: '{anchor, positive} or {sentence1, sentence2, score}',
      },
    ]);
    expect(wrong({ dataset: pairs, training: { loss: 'cosine' } })).toMatchObject([
      { path: 'training.loss', allowed: 'multiple-negatives-ranking' },
    ]);
    expect(wrong({ dataset: pairs, training: { loss: 'focal' } })).toMatchObject([
      { path: 'training.loss', found: 'focal' },
    ]);
  });

  it('whose batches have one example, and no negatives, compares nothing', () => {
    const training = { trainBatchSize: 1 };
    expect(wrong({ dataset: pairs, training })).toMatchObject([
      { path: 'training.trainBatchSize', found: '1', allowed: '2 or more, or a column of negatives' },
    ]);
    const columns = { ...pairs.columns, negative: 'c' };
    expect(wrong({ dataset: { ...pairs, columns }, training })).toEqual([]);
  });
});
