/** `model.dropout: config` drops where transformers' decoders do, at their rates, and nowhere else (make_dropout.py). */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateGraph } from '@temper/graph';
import { buildForward, openModel, type RandomInput } from '@temper/models';
import { batchOf, externalFrom, largestDifference } from '@temper/models/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeBase } from './cell-model.js';
import { goldenFile, readCell, type SpecifiedTensor } from './golden.js';

interface Golden {
  readonly rows: readonly (readonly number[])[];
  /** By family and task: rates of the configuration, and logits in training. */
  readonly cells: Readonly<
    Record<
      string,
      {
        readonly rates: Readonly<Record<string, number>>;
        /** Of the task's head. */
        readonly head: readonly SpecifiedTensor[];
        /** Of the last two tokens of each row. */
        readonly logits: number[][][];
      }
    >
  >;
}
const golden = JSON.parse(await readFile(goldenFile('dropout', 'dropout.json'), 'utf8')) as Golden;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-dropout-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The rule, for the i-th place's element c of position s of example b. */
const kept = (i: number, b: number, s: number, c: number) => ((7 * i + 5 * b + 3 * s + c) % 4 === 0 ? 0 : 1);

/** Masks of the batch: of rows of tokens [tokens, width], or of attention weights [B, KV, S·G, S], whose row s·G + g is query head kv·G + g. */
function masksOf(inputs: readonly RandomInput[], rows: Golden['rows']) {
  const sequence = Math.max(...rows.map((row) => row.length));
  const places = rows.flatMap((row, b) => row.map((_, s) => [b, s] as const));
  const sizes = { batch: rows.length, sequence, tokens: places.length };
  const entries = inputs.map(({ name, shape }, i) => {
    const dims = shape(sizes);
    const width = dims.at(-1)!;
    if (dims.length === 2) {
      const data = places.flatMap(([b, s]) => Array.from({ length: width }, (_, c) => kept(i, b, s, c)));
      return [name, { shape: dims, data }] as const;
    }
    const [batch, kvHeads, height] = dims as [number, number, number, number];
    const group = height / sequence;
    const data = Array.from({ length: batch * kvHeads * height * width }, (_, at) => {
      const [key, row] = [at % width, Math.floor(at / width) % height];
      const kv = Math.floor(at / (width * height)) % kvHeads;
      const head = kv * group + (row % group);
      return kept(
        i,
        Math.floor(at / (width * height * kvHeads)),
        Math.floor(row / group),
        head * width + key,
      );
    });
    return [name, { shape: dims, data }] as const;
  });
  return Object.fromEntries(entries);
}

it.each(Object.entries(golden.cells))('%s', async (id, { rates, head, logits }) => {
  const [family, task] = id.split('/') as [string, 'causal-lm' | 'token-classification'];
  const cell = readCell(`${family}/full/causal-lm`);
  const base = join(folder, family, task);
  await writeBase(base, {
    ...cell,
    base: [...cell.base, ...head],
    config: { ...cell.config, ...rates, num_labels: 3 },
  });
  const model = await openModel(base);
  const { graph, randomInputs } = buildForward(model, { task, seed: 0, dropout: 'config' });
  const longest = Math.max(...golden.rows.map((row) => row.length));
  const padded = (row: readonly number[], fill: number) => [
    ...row,
    ...new Array<number>(longest - row.length).fill(fill),
  ];
  const batch = batchOf({
    input_ids: golden.rows.map((row) => padded(row, 0)),
    attention_mask: golden.rows.map((row) =>
      padded(
        row.map(() => 1),
        0,
      ),
    ),
  });
  const fed = { ...batch, ...masksOf(randomInputs, golden.rows) };
  const found = evaluateGraph(graph, fed, { external: externalFrom(base) }).logits!.data;
  const width = logits[0]![0]!.length;
  const ends = golden.rows.map((_, b) => golden.rows.slice(0, b + 1).flat().length);
  const last = ends.flatMap((end) => [...found.slice((end - 2) * width, end * width)]);
  expect(largestDifference(last, logits.flat())).toBeLessThan(2e-5);
});
