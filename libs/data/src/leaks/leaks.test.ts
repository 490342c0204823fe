import { splitNames, type Example, type LeakReport, type SplitName } from '@temper/contracts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleaner } from '../cleaning/clean.js';
import { RowFiles } from '../stages/row-file.js';
import { findLeaks } from './find-leaks.js';
import { leakWarnings } from './leak-warnings.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'temper-leaks-'));
});
afterAll(() => rm(root, { recursive: true }));

const clean = {
  dropEmpty: true,
  dedupe: 'none',
  nearThreshold: 0.8,
  dropConflictingLabels: false,
  minChars: 1,
} as const;

async function leaksOf(
  rows: Partial<Record<SplitName, readonly Example[]>>,
  most?: number,
): Promise<LeakReport> {
  const folder = await mkdtemp(join(root, 'data-'));
  const given = splitNames.filter((split) => rows[split]);
  using files = new RowFiles(folder, given);
  const cleaner = new Cleaner(clean);
  for (const split of given) {
    await writeFile(
      join(folder, `${split}.jsonl`),
      rows[split]!.map((row) => `${JSON.stringify(row)}\n`).join(''),
    );
    for await (const chunk of files.bySplit[split]!.chunks())
      for (const row of chunk) cleaner.add(split, row);
  }
  const to = Object.fromEntries(splitNames.map((split) => [split, (rows[split] ?? []).map(() => split)]));
  return findLeaks({
    given,
    files: files.bySplit,
    to: to as unknown as Record<SplitName, SplitName[]>,
    contents: (split) => cleaner.contents(split),
    threshold: 0.8,
    place: (split, row) => `dataset.${split} row ${row}`,
    seed: 1,
    ...(most ? { most } : {}),
  });
}

const text = (i: number) =>
  Array.from({ length: 30 }, (_, k) => `w${(i * 7919 + k * 104729) % 9973}`).join(' ');
const row = (i: number, label = 'a'): Example => ({ text: text(i), label });
const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => row(from + i));
/** One of 26 shingles fewer, one more: 25 of 27. */
const nearly = (i: number): Example => ({
  text: `${text(i).split(' ').slice(0, 29).join(' ')} other`,
  label: 'b',
});

describe('leaks', () => {
  it('are none between splits that have nothing in common', async () => {
    const report = await leaksOf({ train: rows(0, 50), validation: rows(100, 20), test: rows(200, 20) });
    expect(report).toEqual({
      rows: 40,
      exact: 0,
      near: 0,
      compared: 40,
      threshold: 0.8,
      between: [],
      samples: [],
    });
    expect(leakWarnings(report, splitNames)).toEqual([]);
  });

  it('are counted by pair of splits, equal and nearly equal, each row once and by train first', async () => {
    const report = await leaksOf({
      train: [...rows(0, 50), row(0)],
      validation: [row(0), row(1, 'b'), row(100), nearly(2)],
      test: [row(0), row(100), nearly(3), nearly(100), row(300), { text: `  ${text(4).toUpperCase()}!` }],
    });
    expect(report).toMatchObject({ rows: 10, exact: 4, near: 4, compared: 10 });
    expect(report.between).toEqual([
      { split: 'validation', of: 'train', rows: 4, exact: 2, near: 1 },
      { split: 'test', of: 'train', rows: 6, exact: 1, near: 2 },
      { split: 'test', of: 'validation', rows: 6, exact: 1, near: 1 },
    ]);
    expect(report.samples).toContainEqual({
      kind: 'near',
      split: 'test',
      row: 'dataset.test row 3',
      of: 'train',
      ofRow: 'dataset.train row 4',
      similarity: 0.9259,
      text: expect.stringMatching(/^w.{78}…$/u) as string,
    });
    expect(report.samples[0]).toMatchObject({
      kind: 'exact',
      row: 'dataset.validation row 1',
      ofRow: 'dataset.train row 1',
    });
    expect(leakWarnings(report, splitNames).map(({ message }) => message)).toEqual([
      '2 of 4 validation rows are in train too, 1 more is nearly equal to one there: what is measured on validation is too good; take them out of one of the files',
      '1 of 6 test rows is in train too, 2 more are nearly equal to one there: what is measured on test is too good; take them out of one of the files',
      '1 of 6 test rows is in validation too, 1 more is nearly equal to one there: the two are not independent; take them out of one of the files',
    ]);
  });

  it('are found among tokens, pairs and conversations too', async () => {
    const ids = Array.from({ length: 30 }, (_, i) => i);
    const chat = (i: number): Example => ({
      messages: [
        { role: 'user', content: text(i) },
        { role: 'assistant', content: text(i + 1) },
      ],
    });
    expect(
      await leaksOf({
        train: [{ inputIds: ids, labels: 0 }],
        test: [
          { inputIds: ids, labels: 1 },
          { inputIds: ids.with(29, 99), labels: 1 },
        ],
      }),
    ).toMatchObject({ exact: 1, near: 1 });
    expect(await leaksOf({ train: [chat(1), chat(2)], test: [chat(2), chat(9)] })).toMatchObject({
      exact: 1,
      near: 0,
    });
    const pair = (i: number): Example => ({ prompt: text(i), completion: text(i + 1) });
    expect(
      await leaksOf({ train: [pair(1)], test: [pair(1), { ...pair(1), completion: text(7) }] }),
    ).toMatchObject({ exact: 1, near: 0 });
  });

  it('of very many rows are looked for in a sample that follows from the seed, the equal ones in all', async () => {
    const data = {
      train: rows(0, 400),
      test: Array.from({ length: 300 }, (_, i) => (i % 3 ? nearly(i) : row(i))),
    };
    const all = await leaksOf(data);
    expect(all).toMatchObject({ rows: 300, compared: 300, exact: 100, near: 200 });
    const part = await leaksOf(data, 90);
    expect(part).toMatchObject({ rows: 300, compared: 90, exact: 100 });
    expect(part.near).toBeGreaterThan(40);
    expect(part.near).toBeLessThan(80);
    expect(await leaksOf(data, 90)).toEqual(part);
    expect(leakWarnings(part, ['train'])[0]!.message).toMatch(
      /\(looked for in 90 of 300 rows\).*; dataset\.clean\.dedupe: near keeps one of each$/,
    );
  });
});
