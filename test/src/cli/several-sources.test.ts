import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startTemper } from './temper.js';
import { writeTinyBert } from './tiny-classifier.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-several-'));
  await writeTinyBert(join(folder, 'model'));
  const rows = (header: string, from: number) =>
    [header, ...Array.from({ length: 40 }, (_, i) => `row ${from + i},${i % 2 ? 'good' : 'bad'}`)].join('\n');
  await writeFile(join(folder, 'a.csv'), rows('text,label', 0));
  await writeFile(join(folder, 'b.csv'), rows('body,mood', 40));
});
afterAll(() => rm(folder, { recursive: true }));

async function check(second: object, ...settings: string[]) {
  const spec = {
    name: 'several',
    model: { base: 'model' },
    dataset: { train: [{ source: 'a.csv' }, second] },
  };
  await writeFile(join(folder, 'spec.yaml'), stringify(spec));
  const set = settings.flatMap((setting) => ['--set', setting]);
  const { code, stdout, stderr } = await startTemper(folder, ['run', 'spec.yaml', '--check', ...set]).ended;
  return { code, said: stdout + stderr };
}

it('several sources are checked together, each by its own columns', async () => {
  const second = { source: 'b.csv', columns: { text: 'body', label: 'mood' } };
  const whole = await check(second, 'dataset.train.1.weight=0.5');
  expect({ code: whole.code, said: whole.code ? whole.said : '' }).toEqual({ code: 0, said: '' });
  expect(whole.said).toContain('train 80 rows');
  const weight = await check(second, 'dataset.train.1.weight=-1');
  expect(weight.code).toBe(2);
  expect(weight.said).toContain('dataset.train.1.weight');
  const missing = await check({ source: 'c.csv' });
  expect(missing.code).toBe(2);
  expect(missing.said).toMatch(/dataset\.train\.1\.source.*no such file/);
  // The columns that its names say are those of the first source: the file that lacks them is named.
  const columns = await check({ source: 'b.csv' });
  expect(columns.code).toBe(2);
  expect(columns.said).toMatch(/b\.csv/);
});
