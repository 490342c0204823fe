import { parsePipelineSpec } from '@temper/spec';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectDataset } from './inspect.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'temper-inspect-'));
});
afterAll(() => rm(root, { recursive: true }));

describe('inspectDataset', () => {
  const inspect = async (
    contents: Record<string, string>,
    dataset: object = {},
    task = 'sequence-classification',
  ) => {
    const folder = await mkdtemp(join(root, 'inspect-'));
    const sources: Record<string, { files: string[] }[]> = {};
    for (const [name, content] of Object.entries(contents)) {
      const file = join(folder, name);
      await writeFile(file, content);
      (sources[name.split('.')[0]!] ??= [{ files: [] }])[0]!.files.push(file);
    }
    const spec = parsePipelineSpec({
      name: 'x',
      task,
      model: { base: 'm' },
      dataset: { train: 't', ...dataset },
    });
    return inspectDataset(spec, sources);
  };

  it('counts rows and classes', async () => {
    const summary = await inspect({
      'train.csv': 'text,label\na,x\nb,y\nc,x\nd,\n',
      'test.csv': 'text,label\ne,x\n',
    });
    expect(summary).toMatchObject({ rows: { train: 4, test: 1 }, classes: { x: 2, y: 1 } });
    expect(String(summary)).toBe('4 train rows, 1 test rows, 2 classes');
  });

  it('says before ingest that cleaning leaves nothing', async () => {
    const pairs = (rejected: string) =>
      `${JSON.stringify({ prompt: 'q', chosen: 'a', rejected })}\n`.repeat(3);
    const columns = { columns: { prompt: 'prompt', chosen: 'chosen', rejected: 'rejected' } };
    const problem = { path: 'dataset.train', message: 'cleaning leaves no row of the 3' };
    for (const [rejected, found] of [
      ['', '3 empty'],
      ['a', '3 conflictingLabel'],
    ] as const) {
      await expect(inspect({ 'train.jsonl': pairs(rejected) }, columns, 'preference')).rejects.toMatchObject({
        code: 'DATA_INVALID',
        problems: [{ ...problem, found }],
      });
    }
  });

  it('reports the mistakes of all files together', async () => {
    const files = { 'train.csv': 'text,lab\na,x\n', 'validation.csv': '', 'test.csv': 'text,label\na,"x\n' };
    await expect(inspect(files)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      problems: [
        { message: 'no column label (for label)', hint: expect.stringContaining('lab') },
        { path: expect.stringContaining('validation.csv'), message: 'the data set is empty' },
        { path: expect.stringContaining('test.csv:2') },
      ],
    });
  });

  it.each([
    ['no rows', 'text,label\n', /the data set is empty/],
    ['one class', 'text,label\na,x\nb,x\n', /all rows have the same label/],
    [
      'a class a row',
      `text,label\n${Array.from({ length: 30 }, (_, i) => `a,id${i}`).join('\n')}\n`,
      /a label of its own/,
    ],
  ])('refuses %s', async (_, csv, message) => {
    await expect(inspect({ 'train.csv': csv })).rejects.toThrow(message);
  });

  it('finds wrong types, and looks at no more than the limit', async () => {
    const lines = '{"ids":[1],"labels":[1]}\n{"ids":[1],"labels":"x"}\n';
    const columns = { columns: { inputIds: 'ids', labels: 'labels' } };
    await expect(inspect({ 'train.jsonl': lines }, columns, 'causal-lm')).rejects.toThrow(
      /train\.jsonl:2: wrong type for labels/,
    );
    const number = '{"ids":[1],"labels":1}\n';
    await expect(inspect({ 'train.jsonl': number }, columns, 'causal-lm')).rejects.toThrow(
      /wrong labels for causal-lm; found one number/,
    );
    const limited = await inspect({ 'train.csv': 'text,label\na,x\nb,y\nc,z\n' }, { limit: 2 });
    expect(limited).toMatchObject({ rows: { train: 2 }, classes: { x: 1, y: 1 } });
  });
});
