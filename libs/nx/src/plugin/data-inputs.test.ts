import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataInputs } from './data-inputs.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'temper-nx-inputs-'));
  mkdirSync(join(root, 'p/data'), { recursive: true });
  mkdirSync(join(root, 'models/tiny'), { recursive: true });
  for (const file of ['p/data/train.csv', 'p/data/[1].csv', 'shared.csv'])
    writeFileSync(join(root, file), 'x');
});
afterAll(() => rmSync(root, { recursive: true }));

const inputs = (source: string, { seen = true } = {}) =>
  dataInputs([join(root, source)], { root, projectRoot: 'p', isSeen: () => seen });

it.each([
  ['p/data/train.csv', ['{projectRoot}/data/train.csv'], false],
  ['shared.csv', ['{workspaceRoot}/shared.csv'], false],
  // A folder may hold files that git ignores, such as weights beside a config.json.
  ['models/tiny', ['{workspaceRoot}/models/tiny', '{workspaceRoot}/models/tiny/**/*'], true],
  ['p/later.csv', ['{projectRoot}/later.csv', '{projectRoot}/later.csv/**/*'], true],
  ['p/data/*.csv', ['{projectRoot}/data/*.csv'], true],
  // Of another syntax than Nx's: everything in the folder, and what Temper itself finds.
  ['p/data/part-{1..3}.csv', ['{projectRoot}/data/**/*'], true],
  ['p/data/[1].csv', ['{projectRoot}/data/**/*'], true],
  ['../elsewhere.csv', [], true],
])('%s', (source, filesets, unseen) => {
  expect(inputs(source)).toEqual({ filesets, unseen });
});

it('a file that git ignores is looked at by its content', () => {
  expect(inputs('p/data/train.csv', { seen: false }).unseen).toBe(true);
});

it('in the project of the whole workspace', () => {
  const found = dataInputs([join(root, 'shared.csv')], { root, projectRoot: '.', isSeen: () => true });
  expect(found).toEqual({ filesets: ['{workspaceRoot}/shared.csv'], unseen: false });
});
