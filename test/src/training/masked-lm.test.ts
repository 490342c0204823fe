/** Hidden tokens, from a user's texts to `predict`, held to transformers (make_filled.py). */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isStep } from '@temper/contracts';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sentences, writeTinyBert } from '../cli/tiny-classifier.js';
import { writeBase } from '../parity/matrix/cell-model.js';
import { readCell } from '../parity/matrix/golden.js';
import { goldenSource } from '../parity/source-folder.js';
import { TextRun } from './text-run.js';
import { tinyMaskedModel } from './tiny-data.js';
import { TinyRun } from './tiny-run.js';

let folder: string;
let bert: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-masked-'));
  bert = await writeTinyBert(join(folder, 'bert'));
});
afterAll(() => rm(folder, { recursive: true }));

const columns = { text: 'text' };
const texts = sentences(120).map(({ text }) => ({ text }));
const rows = { train: texts.slice(0, 90), test: texts.slice(90) };
const training = { epochs: 6, trainBatchSize: 8, learningRate: 5e-3, evalStrategy: 'no' } as const;

const start = (name: string, spec: Partial<PipelineSpecInput>) =>
  TextRun.start(join(folder, name), {
    modelFolder: bert,
    rows,
    spec: { ...spec, task: 'masked-lm', columns },
  });

describe('texts without labels', () => {
  it.each([
    ['full', { type: 'full' }, { architectures: ['BertForMaskedLM'] }],
    ['adapter', { type: 'lora', r: 8 }, { peft_type: 'LORA' }],
    ['scales', { type: 'ia3' }, { peft_type: 'IA3' }],
    ['bottleneck', { type: 'adapter' }, { peft_type: 'TEMPER_BOTTLENECK' }],
    ['four bits', { type: 'qlora' }, { peft_type: 'LORA' }],
  ] as const)('are learnt with a new head by their hidden tokens (%s)', async (name, method, config) => {
    const run = await start(name, { method, training });
    const { meta } = await run.artifacts.manifest(run.tokens);
    expect(meta).toMatchObject({
      labelKind: 'masked',
      head: { from: 'new', message: 'head made anew: the base model has none' },
      masking: { maskTokenId: 4, specialTokenIds: [0, 1, 2, 3, 4], vocabulary: 29 },
    });
    const result = await run.train();
    const { base, test, comparison } = await run.evaluate(result.checkpoint);
    // Nothing is known of a head that the seed made: about the logarithm of 29 words.
    expect(Math.abs((base.loss as number) - Math.log(29))).toBeLessThan(0.5);
    expect(test.loss).toBeLessThan((base.loss as number) - 0.3);
    expect(test.perplexity).toBeCloseTo(Math.exp(test.loss as number), 6);
    expect(test.tokenAccuracy).toBeGreaterThan(base.tokenAccuracy as number);
    expect(test.interval95).toHaveProperty('perplexity');
    expect(comparison).toBeUndefined();
    const { predictor, folder: exported } = await run.publish(result);
    await using _ = predictor;
    const file = name === 'full' ? 'config.json' : 'adapter_config.json';
    expect(JSON.parse(await readFile(join(exported, file), 'utf8'))).toMatchObject(config);
    const [reading] = await predictor.classify(['the film was very [MASK]']);
    const [filled] = reading!.fills!;
    expect(filled).toHaveLength(5);
    expect(filled!.map(({ score }) => score)).toEqual(
      [...filled!].map(({ score }) => score).sort((a, b) => b - a),
    );
    await expect(predictor.classify(['nothing is hidden'])).rejects.toMatchObject({
      code: 'DATA_INVALID',
      problems: [expect.objectContaining({ allowed: '[MASK]' })],
    });
  });

  it('have the same evaluation in batches of any size, and in runs of any seed', async () => {
    const of = async (name: string, more: object) => {
      const run = await start(name, {
        method: { type: 'lora' },
        training: { maxSteps: 1, evalStrategy: 'no', ...more },
      });
      const { test } = await run.evaluate((await run.train()).checkpoint);
      return test;
    };
    // The head is of the seed: what is hidden is seen by how many tokens are counted.
    const [one, many, other] = [
      await of('one', { evalBatchSize: 1 }),
      await of('many', {}),
      await of('seed', { seed: 9 }),
    ];
    expect(one.countedTokens).toBe(many.countedTokens);
    expect(other.countedTokens).toBe(many.countedTokens);
    expect(Math.abs((one.loss as number) - (many.loss as number))).toBeLessThan(1e-6);
    expect(one.tokenAccuracy).toBe(many.tokenAccuracy);
    const more = await of('more', { mlmProbability: 0.5 });
    expect(more.countedTokens).toBeGreaterThan(2 * (many.countedTokens as number));
  });
});

describe('what a training hides', () => {
  const settings = (more: object) =>
    tinyMaskedModel({ epochs: 2, evalStrategy: 'no', seed: 5, mlmProbability: 0.3, shuffle: false, ...more });
  const stepsOf = async (more: object, packing = false) => {
    const whole = settings(more);
    await using run = await TinyRun.start({
      ...whole,
      ...(packing ? { tokenize: { packing, maxLength: 64 } } : {}),
    });
    await run.train();
    return (await run.lines()).filter(isStep).map(({ loss, gradNorm }) => ({ loss, gradNorm }));
  };
  const expectEqual = (found: Awaited<ReturnType<typeof stepsOf>>, wanted: typeof found) => {
    expect(found).toHaveLength(wanted.length);
    found.forEach(({ loss, gradNorm }, i) => {
      expect(Math.abs(loss / wanted[i]!.loss - 1)).toBeLessThan(1e-5);
      expect(Math.abs(gradNorm / wanted[i]!.gradNorm - 1)).toBeLessThan(1e-4);
    });
  };

  it('is the same however its rows are cut into batches, or packed', async () => {
    const whole = await stepsOf({ trainBatchSize: 14 });
    expect(whole).toHaveLength(2);
    expectEqual(await stepsOf({ trainBatchSize: 2, gradientAccumulationSteps: 7 }), whole);
    expectEqual(await stepsOf({ trainBatchSize: 14 }, true), whole);
  });
});

describe('rows that are tokenised already', () => {
  it('are learnt as their labels say, and nothing more is hidden', async () => {
    const labelled = rows.train.slice(0, 32).map((_, i) => {
      const ids = Array.from({ length: 6 }, (_, t) => 5 + ((3 * i + 5 * t) % 24));
      return { input_ids: [2, 4, ...ids, 3], labels: [-100, 5 + (i % 24), ...ids.map(() => -100), -100] };
    });
    const run = await TextRun.start(join(folder, 'ids'), {
      modelFolder: bert,
      rows: { train: labelled, test: labelled.slice(0, 8) },
      spec: {
        ...{ task: 'masked-lm', columns: { inputIds: 'input_ids', labels: 'labels' } },
        ...{ method: { type: 'full' }, training: { ...training, epochs: 1 } },
      },
    });
    const { meta } = await run.artifacts.manifest(run.tokens);
    expect(meta).not.toHaveProperty('masking');
    expect(meta.splits.train).toMatchObject({ examples: 32, countedTokens: 32 });
    const { test } = await run.evaluate((await run.train()).checkpoint);
    expect(test.countedTokens).toBe(8);
  });
});

describe('a base model', () => {
  it.each([
    [
      'the tokenizer has none',
      { tokenizer_class: 'PreTrainedTokenizerFast', pad_token: '[PAD]' },
      'hides tokens; allowed',
    ],
    // transformers' class adds one at the end.
    ['the model has no row for it', { tokenizer_class: 'BertTokenizer' }, 'found token 29 of its tokenizer'],
  ])('texts cannot be hidden where %s', async (why, config, found) => {
    const none = join(folder, `unmasked ${why}`);
    await writeTinyBert(none);
    const file = join(none, 'tokenizer.json');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('[MASK]', 'mask'));
    await writeFile(join(none, 'tokenizer_config.json'), JSON.stringify(config));
    const started = TextRun.start(join(folder, `refused ${why}`), {
      ...{ modelFolder: none, rows, spec: { task: 'masked-lm', columns } },
    });
    await expect(started).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED' });
    await expect(started).rejects.toThrow(/model\.base: it has no mask token/);
    await expect(started).rejects.toThrow(found);
  });
});

interface Golden {
  readonly mask: number;
  readonly texts: readonly string[];
  readonly fills: readonly (readonly (readonly { readonly token: string; readonly score: number }[])[])[];
}

describe('hidden tokens that are filled in', () => {
  it('are those of transformers, with their probabilities', async () => {
    const golden = JSON.parse(await readFile(goldenSource('heads', 'filled.json'), 'utf8')) as Golden;
    const model = join(folder, 'filled-model');
    await writeBase(model, readCell('bert/full/masked-lm'));
    const vocab = Object.fromEntries(
      Array.from({ length: 64 }, (_, id) => [id === golden.mask ? '[MASK]' : `w${id}`, id]),
    );
    const tokenizer = {
      version: '1.0',
      added_tokens: [
        {
          id: golden.mask,
          content: '[MASK]',
          special: true,
          single_word: false,
          lstrip: false,
          rstrip: false,
          normalized: false,
        },
      ],
      pre_tokenizer: { type: 'WhitespaceSplit' },
      model: { type: 'WordLevel', vocab, unk_token: 'w0' },
    };
    await writeFile(join(model, 'tokenizer.json'), JSON.stringify(tokenizer));
    await writeFile(
      join(model, 'tokenizer_config.json'),
      JSON.stringify({ mask_token: '[MASK]', pad_token: 'w0' }),
    );
    const some = { train: golden.texts.slice(0, 2).map((text) => ({ text })), test: [{ text: 'w1 w2' }] };
    const run = await TextRun.start(join(folder, 'filled'), {
      modelFolder: model,
      rows: some,
      // So small a step changes no weight.
      spec: {
        task: 'masked-lm',
        columns,
        method: { type: 'full' },
        training: { maxSteps: 1, learningRate: 1e-30, evalStrategy: 'no' },
      },
    });
    expect((await run.artifacts.manifest(run.tokens)).meta.head).toMatchObject({ from: 'own' });
    const { predictor } = await run.publish(await run.train());
    await using _ = predictor;
    const readings = await predictor.classify(golden.texts);
    readings.forEach(({ fills }, i) => {
      expect(fills!.map((of) => of.map(({ token }) => token))).toEqual(
        golden.fills[i]!.map((of) => of.map(({ token }) => token)),
      );
      fills!
        .flat()
        .forEach(({ score }, k) => expect(score).toBeCloseTo(golden.fills[i]!.flat()[k]!.score, 6));
    });
  });
});
