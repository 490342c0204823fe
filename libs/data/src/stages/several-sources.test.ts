import { TemperError } from '@temper/contracts';
import { parsePipelineSpec, sourcesOf, type PipelineSpecInput } from '@temper/spec';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTokens } from '../batching/token-files.js';
import type { ModelSizes } from '../tokens/model-limits.js';
import { loadTokenizer } from '../tokenizer/tokenizer.js';
import { ingestDataset } from './ingest.js';
import { preprocessDataset } from './preprocess.js';
import { numbered, placeIn } from './testing-rows.js';
import { tryTokens } from './try-tokens.js';

const modelFolder = fileURLToPath(new URL('../tokenizer/goldens/bert', import.meta.url));
let root: string;
let runs = 0;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'temper-sources-'))));
afterAll(() => rm(root, { recursive: true }));

type Rows = readonly Record<string, unknown>[];
interface Source {
  readonly rows: Rows;
  readonly weight?: number;
  readonly columns?: Record<string, string>;
}

/** Both stages on a list of sources, one file each. */
async function prepare(train: readonly Source[], dataset: object = {}) {
  const folder = await mkdtemp(join(root, `${runs++}-`));
  const files = train.map((_, i) => join(folder, `${i}.jsonl`));
  for (const [i, { rows }] of train.entries())
    await writeFile(files[i]!, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const spec = parsePipelineSpec({
    name: 'several',
    model: { base: 'm' },
    dataset: {
      train: train.map(({ weight, columns }, i) => ({
        source: files[i],
        ...(weight === undefined ? {} : { weight }),
        ...(columns ? { columns } : {}),
      })),
      ...dataset,
    },
  } as PipelineSpecInput);
  const sources = {
    train: sourcesOf(spec.dataset, 'train').map(({ source, columns }) => ({ files: [source], columns })),
  };
  const datasetFolder = join(folder, 'dataset');
  const ingested = await ingestDataset({ dataset: spec.dataset, sources, folder: datasetFolder });
  const tokensFolder = join(folder, 'tokens');
  const made = { spec, datasetFolder, modelFolder, sources: ingested.meta.sources };
  const preprocess = (sizes?: ModelSizes) => preprocessDataset({ ...made, sizes, folder: tokensFolder });
  return { spec, sources, folder, ingested, preprocess, tokensFolder };
}

/** How often each row, by its place, is in a split. */
async function timesIn(tokensFolder: string, split: 'train' | 'validation' | 'test') {
  const { inputIds, offsets } = (await readTokens(tokensFolder, 'class'))[split]!;
  await using tokenizer = await loadTokenizer(modelFolder);
  const times = new Map<number, number>();
  const ends = [...offsets.subarray(1)];
  const texts = await Promise.all(ends.map((end, i) => tokenizer.decode(inputIds.subarray(offsets[i], end))));
  for (const place of texts.map(placeIn)) times.set(place, (times.get(place) ?? 0) + 1);
  return times;
}

describe('several sources to train on', () => {
  const rows = numbered(400, ['no', 'yes']);
  const [ones, twos, halves] = [rows.slice(0, 100), rows.slice(100, 300), rows.slice(300)];

  it('have weights that count in train alone, after the split', async () => {
    const made = await prepare([{ rows: ones }, { rows: twos, weight: 2.5 }, { rows: halves, weight: 0.5 }]);
    expect(made.ingested.meta).toMatchObject({ rows: { train: 400 }, sources: [100, 200, 100] });
    const { meta } = await made.preprocess();
    const train = await timesIn(made.tokensFolder, 'train');
    const heldOut = [
      await timesIn(made.tokensFolder, 'validation'),
      await timesIn(made.tokensFolder, 'test'),
    ];
    for (const split of heldOut) {
      expect([...split.values()].every((times) => times === 1)).toBe(true);
      expect([...split.keys()].filter((place) => train.has(place))).toEqual([]);
    }
    // The split is that of the rows without any weight.
    expect(heldOut.map((split) => split.size)).toEqual([40, 40]);
    const taken = (from: number, to: number) =>
      heldOut.flatMap((split) => [...split.keys()]).filter((place) => place >= from && place < to).length;
    const of = (from: number, to: number) => [...train].filter(([place]) => place >= from && place < to);
    const sum = (found: [number, number][]) => found.reduce((total, [, times]) => total + times, 0);
    const left = [100 - taken(0, 100), 200 - taken(100, 300), 100 - taken(300, 400)];
    expect(sum(of(0, 100))).toBe(left[0]);
    expect(sum(of(100, 300))).toBe(Math.round(2.5 * left[1]!));
    expect(of(100, 300).every(([, times]) => times === 2 || times === 3)).toBe(true);
    expect(of(300, 400)).toHaveLength(Math.round(0.5 * left[2]!));
    expect(meta.sources).toEqual([
      { weight: 1, rows: 100, kept: 100, dropped: {}, examples: sum(of(0, 100)) },
      { weight: 2.5, rows: 200, kept: 200, dropped: {}, examples: sum(of(100, 300)) },
      { weight: 0.5, rows: 100, kept: 100, dropped: {}, examples: sum(of(300, 400)) },
    ]);
    expect(meta.splits.train!.examples).toBe(sum([...train]));
    expect(meta.classRows!.train!.reduce((a, b) => a + b)).toBe(sum([...train]));
    expect(meta.cleaning).toMatchObject({ read: 400, kept: 400 });
  });

  it('make the same tokens every time, others with another seed, and with weight 1 those of one file', async () => {
    const tokens = async (sources: readonly Source[], dataset?: object) => {
      const made = await prepare(sources, dataset);
      await made.preprocess();
      return (await readFile(join(made.tokensFolder, 'train.input_ids.i32'))).toString('hex');
    };
    const weighed = [{ rows: ones }, { rows: twos, weight: 0.3 }];
    const first = await tokens(weighed);
    expect(await tokens(weighed)).toBe(first);
    expect(await tokens(weighed, { split: { seed: 7 } })).not.toBe(first);
    expect(await tokens([{ rows: ones }, { rows: twos }])).toBe(await tokens([{ rows: [...ones, ...twos] }]));
  });

  it('have columns of their own, and are cleaned together: what is dropped is told by source', async () => {
    const renamed = twos.map(({ text, label }) => ({ body: text, mood: label }));
    const { ingested, preprocess } = await prepare([
      { rows: ones },
      {
        rows: [...renamed, { body: ones[0]!.text, mood: ones[0]!.label }, { body: ' ', mood: 'no' }],
        columns: { text: 'body', label: 'mood' },
        weight: 2,
      },
    ]);
    expect(ingested.meta.sources).toEqual([100, 202]);
    const { meta } = await preprocess();
    expect(meta.sources).toMatchObject([
      { rows: 100, kept: 100, dropped: {} },
      { rows: 202, kept: 200, dropped: { duplicate: 1, empty: 1 } },
    ]);
    expect(meta.cleaning.samples).toMatchObject([
      { reason: 'duplicate', split: 'train', source: 1, row: 201 },
      { reason: 'empty', split: 'train', source: 1, row: 202 },
    ]);
  });

  it('are named where a row of theirs is wrong, by ingest, by the check and by the tokens', async () => {
    const problemOf = async (work: Promise<unknown>) => {
      const error = await work.catch((e: unknown) => e);
      expect(error).toBeInstanceOf(TemperError);
      return (error as TemperError).problems[0]!;
    };
    const wrong = prepare([{ rows: ones }, { rows: [...twos, { text: { a: 1 }, label: 'no' }] }]);
    expect((await problemOf(wrong)).path).toMatch(/1\.jsonl:201$/);
    expect((await problemOf(prepare([{ rows: ones }, { rows: [] }]))).path).toMatch(/1\.jsonl$/);
    const ids = (count: number, id: number) =>
      Array.from({ length: count }, (_, i) => ({ input_ids: [1, id, i], labels: i % 2 }));
    const columns = { columns: { inputIds: 'input_ids', labels: 'labels' } };
    const outside = await prepare([{ rows: ids(20, 3) }, { rows: ids(20, 198) }], columns);
    const limits = { folder: modelFolder, sizes: { positions: 64, vocabulary: 100 } };
    expect(await problemOf(tryTokens(outside.spec, outside.sources, limits))).toMatchObject({
      path: 'dataset.train.1 row 1',
      found: 'token 198',
    });
    const made = outside.preprocess(limits.sizes);
    expect((await problemOf(made)).path).toMatch(/^dataset\.train\.1 row \d+$/);
  });
});
