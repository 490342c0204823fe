import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EncodedWords } from './encode-words.js';
import { openTokenizer } from './local-tokenizer.js';

type Files = Readonly<Record<string, string>>;
const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`./goldens/${name}.json`, import.meta.url), 'utf8')) as T;

/** transformers' ids of words (goldens/words.py), by folders of goldens/vocabularies.py. */
const { words, cases } = read<{
  readonly words: readonly (readonly string[])[];
  readonly cases: readonly { readonly name: string; readonly rows: readonly EncodedWords[] }[];
}>('words');
const made = read<{
  readonly vocabularies: Readonly<Record<string, Files>>;
  readonly cases: readonly { readonly name: string; readonly vocabulary: string; readonly files: Files }[];
}>('vocabularies');

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'words-'));
});
afterAll(() => rm(root, { recursive: true }));

describe('words one by one have transformers’ ids, and begin where they do there', () => {
  it.each(cases)('$name', async ({ name, rows }) => {
    const { vocabulary, files } = made.cases.find((one) => one.name === name)!;
    const folder = join(root, String(cases.findIndex((one) => one.name === name)));
    await mkdir(folder);
    for (const [file, text] of Object.entries({ ...made.vocabularies[vocabulary], ...files }))
      await writeFile(join(folder, file), text, file.endsWith('.model') ? 'base64' : 'utf8');
    const tokenizer = await openTokenizer(folder);
    expect(await tokenizer.encodeWords(words)).toEqual(rows);
  });
});
