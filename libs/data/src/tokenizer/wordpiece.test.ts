import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTokenizer } from './local-tokenizer.js';

/** Folders with vocab.txt alone, and transformers' ids (goldens/wordpiece.py). */
const { texts, cases } = JSON.parse(
  readFileSync(new URL('./goldens/wordpiece.json', import.meta.url), 'utf8'),
) as { texts: string[]; cases: { name: string; files: Record<string, string>; ids: number[][] }[] };

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'wordpiece-'));
});
afterAll(() => rm(root, { recursive: true }));

let made = 0;
async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = join(root, String(made++));
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

describe('a BERT with vocab.txt and no tokenizer.json has transformers’ ids', () => {
  it.each(cases)('$name', async ({ files, ids }) => {
    const tokenizer = await openTokenizer(await folderWith(files));
    expect(await tokenizer.encodeBatch(texts)).toEqual(ids);
  });
});

describe('a folder without a tokenizer that can be read says what it has, and the mend', () => {
  it.each([
    ['nothing', {}, /the model has no tokenizer.json; allowed: tokenizer.json, vocab.txt, vocab.json with/],
    [
      'the vocab.txt of another class',
      { 'vocab.txt': '[UNK]\n', 'tokenizer_config.json': '{"tokenizer_class":"BertJapaneseTokenizer"}' },
      /found vocab.txt: .* "BertJapaneseTokenizer"; allowed: tokenizer_class BertTokenizer.*save_pretrained/,
    ],
    [
      'a flag that is a text',
      { 'vocab.txt': '[UNK]\n', 'tokenizer_config.json': '{"do_lower_case":"false"}' },
      /do_lower_case: must be true or false; found "false"/,
    ],
  ])('%s', async (_, files, says) => {
    await expect(openTokenizer(await folderWith(files))).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message: expect.stringMatching(says) as string,
    });
  });
});
