import { IGNORED_LABEL, type TemperError } from '@temper/contracts';
import { parsePipelineSpec, type PipelineSpecInput } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numbered, placeIn } from './testing-rows.js';
import { readTokens } from '../batching/token-files.js';
import { loadTokenizer } from '../tokenizer/tokenizer.js';
import { ingestDataset, type StageProgress } from './ingest.js';
import { preprocessDataset } from './preprocess.js';

const goldens = fileURLToPath(new URL('../tokenizer/goldens', import.meta.url));
let root: string;
let runs = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'temper-stages-'));
});
afterAll(() => rm(root, { recursive: true }));

type Rows = readonly Record<string, unknown>[];
interface Prepared {
  train: Rows;
  validation?: Rows;
  test?: Rows;
  spec?: Partial<PipelineSpecInput>;
  dataset?: Partial<PipelineSpecInput['dataset']>;
  model?: string;
  config?: Record<string, unknown>;
}

/** Both stages on rows given as objects, in a folder of their own. */
async function prepare({ train, validation, test, spec, dataset, model = 'bert', config }: Prepared) {
  const folder = join(root, String(runs++));
  const modelFolder = join(folder, 'model');
  await cp(join(goldens, model), modelFolder, { recursive: true });
  if (config) await writeFile(join(modelFolder, 'config.json'), JSON.stringify(config));
  const given = Object.entries({ train, validation, test }).filter(([, rows]) => rows);
  const sources = Object.fromEntries(
    given.map(([split]) => [split, [{ files: [join(folder, `${split}.jsonl`)] }]]),
  );
  for (const [split, rows] of given) {
    await writeFile(sources[split]![0]!.files[0]!, rows!.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  const parsed = parsePipelineSpec({
    name: 'test',
    model: { base: 'm' },
    ...spec,
    dataset: { ...Object.fromEntries(given.map(([split]) => [split, split])), ...dataset } as never,
  });
  const progress: StageProgress[] = [];
  const onProgress = (event: StageProgress) => progress.push(event);
  const ingested = await ingestDataset({
    dataset: parsed.dataset,
    sources,
    folder: join(folder, 'dataset'),
    onProgress,
  });
  const options = { spec: parsed, datasetFolder: join(folder, 'dataset'), modelFolder, onProgress };
  const result = await preprocessDataset({ ...options, folder: join(folder, 'tokens') });
  const tokens = await readTokens(join(folder, 'tokens'), taskSchemaOf(parsed).labelKind);
  return { ingested, ...result, tokens, progress, tokenizer: await loadTokenizer(modelFolder) };
}

const problemOf = async (work: Promise<unknown>) => {
  const error = (await work.then(
    () => expect.unreachable('it was accepted'),
    (e: unknown) => e,
  )) as TemperError;
  return { code: error.code, ...error.problems[0] };
};
const labelled = (count: number, classes = ['no', 'yes', 'maybe']) =>
  Array.from({ length: count }, (_, i) => ({
    text: `apple number ${i} `.repeat(1 + (i % 3)),
    label: classes[i % classes.length],
  }));
const everything = { split: { train: 1, validation: 0, test: 0 } };

describe('classification', () => {
  it('splits 80/10/10 by class, orders the classes, keeps the order of the file and [SEP] in what is cut', async () => {
    const rows = numbered(300, ['no', 'yes', 'maybe']);
    const { meta, tokens, tokenizer, progress, ingested } = await prepare({
      train: rows,
      spec: { tokenize: { maxLength: 12 } },
    });
    expect(ingested.meta).toEqual({ columns: { text: 'text', label: 'label' }, rows: { train: 300 } });
    expect(meta.labelNames).toEqual(['maybe', 'no', 'yes']);
    expect([meta.splits.train, meta.splits.validation, meta.splits.test].map((s) => s!.examples)).toEqual([
      240, 30, 30,
    ]);
    for (const split of [tokens.train!, tokens.validation!, tokens.test!]) {
      expect(split.labelKind).toBe('class');
      for (let label = 0; label < 3; label++) {
        const share = split.labels.filter((l) => l === label).length / split.labels.length;
        expect(Math.abs(share - 1 / 3)).toBeLessThan(0.07);
      }
    }
    const { inputIds, offsets } = tokens.train!;
    const texts = await Promise.all(
      [...offsets.subarray(1)].map((end, i) => tokenizer.decode(inputIds.subarray(offsets[i], end))),
    );
    const places = texts.map(placeIn);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places.map((place) => rows[place]!.label)).toEqual(
      [...tokens.train!.labels].map((label) => meta.labelNames[label]),
    );
    for (let i = 0; i + 1 < offsets.length; i++) {
      expect(inputIds[offsets[i]!]).toBe(2);
      expect(inputIds[offsets[i + 1]! - 1]).toBe(3);
    }
    expect(meta.splits.train!.longest).toBe(12);
    expect(meta.splits.train!.truncated).toBeGreaterThan(60);
    expect(progress.at(-1)).toMatchObject({ phase: 'tokenising', done: 300, total: 300 });
  });

  it('gives equal bytes for equal input, other splits for another seed', async () => {
    const rows = labelled(100);
    const [first, again, other] = await Promise.all([
      prepare({ train: rows }),
      prepare({ train: rows }),
      prepare({ train: rows, dataset: { split: { seed: 1 } } }),
    ]);
    expect(again.tokens).toEqual(first.tokens);
    expect(again.meta).toEqual(first.meta);
    expect(other.tokens).not.toEqual(first.tokens);
  });

  it('honours given splits, takes only the absent one from train, and counts what they share', async () => {
    const rows = labelled(90, ['10', '9']);
    const test = labelled(92, ['10', '9']).slice(88);
    const { meta } = await prepare({ train: rows, test });
    expect(meta.labelNames).toEqual(['9', '10']);
    expect(meta.splits.test!.examples).toBe(4);
    expect(meta.splits.validation!.examples).toBe(10); // a ninth of train
    expect(meta.splits.train!.examples).toBe(80);
    expect(meta.cleaning).toMatchObject({ read: 94, kept: 94, dropped: { duplicate: 0 } });
    expect(meta.leaks).toMatchObject({ exact: 2, rows: 14 });
  });

  it("takes the base model's order of the same classes", async () => {
    const config = { id2label: { '0': 'yes', '1': 'no', '2': 'maybe' }, max_position_embeddings: 6 };
    const { meta, tokens } = await prepare({ train: labelled(30), config, dataset: everything });
    expect(meta.labelNames).toEqual(['yes', 'no', 'maybe']);
    expect(meta.splits.train!.longest).toBe(6);
    expect(tokens.validation).toBeUndefined();
  });

  it('takes tokens and class numbers as they are', async () => {
    const train = [0, 2, 0].map((labels, i) => ({ ids: [5 + i, 6, 7], labels }));
    const dataset = { ...everything, columns: { inputIds: 'ids', labels: 'labels' } };
    const { meta, tokens, files } = await prepare({
      train,
      dataset,
      config: { pad_token_id: 9, vocab_size: 10 },
    });
    expect(meta).toMatchObject({ labelNames: ['0', '1', '2'], padTokenId: 9, labelKind: 'class' });
    expect(tokens.train).toEqual({
      labelKind: 'class',
      inputIds: Int32Array.from([5, 6, 7, 6, 6, 7, 7, 6, 7]),
      labels: Int32Array.from([0, 2, 0]),
      offsets: Int32Array.from([0, 3, 6, 9]),
    });
    expect(Object.keys(files).sort()).toEqual([
      'train.input_ids.i32',
      'train.labels.i32',
      'train.offsets.i32',
    ]);
    const sparse = [
      { ids: [1], labels: 0 },
      { ids: [1], labels: 1_000_000 },
    ];
    expect(await problemOf(prepare({ train: sparse, dataset }))).toMatchObject({
      found: '2 classes, the largest 1000000',
    });
    const outside = prepare({ train, dataset, config: { vocab_size: 7 } });
    expect(await problemOf(outside)).toMatchObject({ path: 'dataset.train row 1', found: 'token 7' });
  });

  it('refuses a text of which the tokenizer makes a token that the model has no row for', async () => {
    const train = labelled(10).map((row, i) => ({ ...row, text: i === 4 ? 'zurich' : `a ${i}` }));
    expect((await prepare({ train, config: { vocab_size: 199 } })).meta.cleaning.kept).toBe(10);
    const problem = await problemOf(prepare({ train, config: { vocab_size: 198 } }));
    expect(problem).toMatchObject({ path: 'dataset.train row 5', found: 'token 198' });
  });

  it('refuses a single class, and data of which cleaning leaves nothing', async () => {
    expect(await problemOf(prepare({ train: labelled(20, ['same']) }))).toMatchObject({
      code: 'DATA_INVALID',
      found: '"same"',
    });
    const blank = labelled(20).map((row) => ({ ...row, text: ' ' }));
    expect(await problemOf(prepare({ train: blank }))).toMatchObject({
      path: 'dataset.train',
      found: '20 empty',
    });
  });
});

describe('language models', () => {
  const pairs = [
    { q: 'How many apples are there?', a: '12 apples.' },
    { q: 'What is the capital?', a: 'Paris' },
  ];
  const spec = { task: 'causal-lm' } as const;
  const dataset = { ...everything, columns: { prompt: 'q', completion: 'a' } };
  const learnt = async ({ tokens, tokenizer }: Awaited<ReturnType<typeof prepare>>, i: number) => {
    const { labels, offsets } = tokens.train!;
    const counted = labels.subarray(offsets[i], offsets[i + 1]).filter((label) => label !== IGNORED_LABEL);
    return tokenizer.decode(counted, { skipSpecialTokens: false });
  };

  it('learn the answer and its closing, through the chat template', async () => {
    const prepared = await prepare({ train: pairs, spec, dataset, model: 'chat' });
    expect(await learnt(prepared, 0)).toBe('12 apples.<|im_end|>\n');
    expect(await learnt(prepared, 1)).toBe('Paris<|im_end|>\n');
    const { inputIds, offsets } = prepared.tokens.train!;
    const whole = await prepared.tokenizer.decode(inputIds.subarray(0, offsets[1]), {
      skipSpecialTokens: false,
    });
    expect(whole).toMatch(
      /^<\|im_start\|>system\n.*SmolLM[^]*How many apples are there\?<\|im_end\|>\n<\|im_start\|>assistant\n12 apples/,
    );
    const counted = prepared.tokens.train!.labels.filter((label) => label !== IGNORED_LABEL).length;
    expect(prepared.meta.splits.train).toMatchObject({ examples: 2, countedTokens: counted });
  });

  it('learn the answer and the end of text without a template; of plain text everything', async () => {
    const prepared = await prepare({ train: pairs, spec, dataset, model: 'plain' });
    expect(await learnt(prepared, 1)).toMatch(/Paris<\|endoftext\|>$/);
    const texts = await prepare({
      train: [{ text: 'A tokenizer reads text' }],
      spec,
      dataset: { ...everything, columns: { text: 'text' } },
      model: 'plain',
    });
    expect(await learnt(texts, 0)).toBe(' A tokenizer reads text<|endoftext|>');
    expect(texts.tokens.train!.labels).toEqual(texts.tokens.train!.inputIds);
  });

  it('learn every answer of a conversation', async () => {
    const messages = ['one', 'a', 'two', 'b'].map((content, i) => ({
      role: i % 2 ? 'assistant' : 'user',
      content,
    }));
    const columns = { messages: 'messages' };
    const prepared = await prepare({
      train: [{ messages }],
      spec,
      dataset: { ...everything, columns },
      model: 'chat',
    });
    expect(await learnt(prepared, 0)).toBe('a<|im_end|>\nb<|im_end|>\n');
    const refused = prepare({
      train: [{ messages }],
      spec,
      dataset: { ...everything, columns },
      model: 'plain',
    });
    expect(await problemOf(refused)).toMatchObject({
      path: 'dataset.train row 1',
      message: expect.stringContaining('no chat template'),
    });
  });

  it('leave out examples whose answers are cut off, and report them; refuse where none is left, with the length', async () => {
    const long = { q: 'apples '.repeat(200), a: 'yes' };
    const cut = (train: Rows, maxLength: number) =>
      prepare({ train, spec: { ...spec, tokenize: { maxLength } }, dataset, model: 'chat' });
    const problem = await problemOf(cut([long], 160));
    expect(problem).toMatchObject({
      code: 'DATA_INVALID',
      path: 'tokenize.maxLength',
      message: expect.stringContaining('no example of train'),
      found: 'dataset.train row 1',
    });
    const needed = Number(/needs at least (\d+)/.exec(problem.hint!)![1]);
    const whole = await cut([pairs[0]!, long], needed);
    expect(whole.meta.splits.train).toMatchObject({ examples: 2, truncated: 1 });

    const rest = await cut([pairs[0]!, long, pairs[1]!], needed - 1);
    const { meta } = rest;
    expect(meta.splits.train).toMatchObject({ examples: 2, truncated: 0 });
    expect(meta.cleaning).toMatchObject({
      read: 3,
      kept: 2,
      dropped: { answerCutOff: 1, nothingCounted: 0 },
    });
    expect(meta.cleaning.samples).toMatchObject([{ reason: 'answerCutOff', split: 'train', row: 2 }]);
    expect(await learnt(rest, 0)).toBe('12 apples.<|im_end|>\n');
    expect(await learnt(rest, 1)).toBe('Paris<|im_end|>\n');
  });

  it('take tokens and labels as they are, in their order, but for an example that counts nothing', async () => {
    const columns = { inputIds: 'ids', labels: 'labels' };
    const train = [
      { ids: [1, 2, 3], labels: [-100, 2, 3] },
      { ids: [4, 5], labels: [4, 5] },
    ];
    const { meta, tokens } = await prepare({
      train,
      spec,
      dataset: { ...everything, columns },
      model: 'chat',
    });
    expect([...tokens.train!.labels]).toEqual([-100, 2, 3, 4, 5]);
    expect(meta.splits.train).toEqual({ examples: 2, tokens: 5, countedTokens: 3, truncated: 0, longest: 3 });
    const masked = [...train, { ids: [1, 2], labels: [1, -100] }];
    const less = await prepare({ train: masked, spec, dataset: { ...everything, columns }, model: 'chat' });
    expect([...less.tokens.train!.labels]).toEqual([-100, 2, 3, 4, 5]);
    expect(less.meta.cleaning).toMatchObject({ kept: 2, dropped: { answerCutOff: 0, nothingCounted: 1 } });
    const none = prepare({
      train: masked.slice(2),
      spec,
      dataset: { ...everything, columns },
      model: 'chat',
    });
    expect(await problemOf(none)).toMatchObject({
      path: 'dataset.columns.labels',
      found: 'dataset.train row 1',
    });
    // What train leaves out says nothing about a validation split of which nothing is left.
    const tooLong = {
      ids: Array.from({ length: 40 }, () => 1),
      labels: [...new Array<number>(39).fill(-100), 1],
    };
    const ofValidation = prepare({
      train: [...train, tooLong],
      validation: masked.slice(2),
      spec: { ...spec, tokenize: { maxLength: 20 } },
      dataset: { columns },
      model: 'chat',
    });
    expect(await problemOf(ofValidation)).toMatchObject({
      path: 'dataset.columns.labels',
      message: expect.stringContaining('no example of validation'),
      found: 'dataset.validation row 1',
    });
    const number = prepare({
      train: [{ ids: [1, 2], labels: 1 }],
      spec,
      dataset: { ...everything, columns },
      model: 'chat',
    });
    expect(await problemOf(number)).toMatchObject({
      path: 'dataset.train row 1',
      found: 'labels is one number',
    });
  });
});
