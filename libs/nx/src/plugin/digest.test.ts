import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { digestOfSources } from './digest.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-nx-digest-'));
});
afterEach(() => rm(folder, { recursive: true }));

const digest = (...patterns: string[]) =>
  digestOfSources(
    patterns.map((pattern) => join(folder, pattern)),
    join(folder, '.memory'),
  );

it('changes with what a pattern finds, its names and its contents, and with nothing else', async () => {
  const nothing = await digest('*.csv');
  await writeFile(join(folder, 'a.csv'), 'text\na\n');
  const one = await digest('*.csv');
  expect(one).not.toBe(nothing);
  await writeFile(join(folder, 'beside.txt'), 'x');
  await utimes(join(folder, 'a.csv'), 1, 1);
  expect(await digest('*.csv')).toBe(one);
  await writeFile(join(folder, 'a.csv'), 'text\nb\n');
  const changed = await digest('*.csv');
  expect(changed).not.toBe(one);
  await writeFile(join(folder, 'b.csv'), 'text\nb\n');
  expect(await digest('*.csv')).not.toBe(changed);
});

it('does not depend on the order in which sources are named, nor on what was remembered', async () => {
  await writeFile(join(folder, 'a.csv'), 'a');
  await writeFile(join(folder, 'b.csv'), 'b');
  const first = await digest('a.csv', 'b.csv');
  await writeFile(join(folder, '.memory/temper-digests.json'), '{ cut');
  expect(await digest('a.csv', 'b.csv')).toBe(first);
  await writeFile(join(folder, 'a.csv'), 'b');
  await writeFile(join(folder, 'b.csv'), 'a');
  expect(await digest('a.csv', 'b.csv')).not.toBe(first);
});
