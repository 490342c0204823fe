import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTokenizer } from './local-tokenizer.js';
import { missingTokenizerJson, tokenizerJson } from './tokenizer-json.js';

interface Goldens {
  readonly texts: readonly string[];
  /** By name, files by their names; a SentencePiece model in base64. */
  readonly vocabularies: Readonly<Record<string, Files>>;
  readonly cases: readonly {
    readonly name: string;
    readonly vocabulary: string;
    readonly files: Files;
    readonly ids: readonly (readonly number[])[];
    /** Without special tokens. */
    readonly bare: readonly (readonly number[])[];
  }[];
}
type Files = Readonly<Record<string, string>>;

/** Folders with a vocabulary alone, and transformers' ids (goldens/vocabularies.py). */
const { texts, vocabularies, cases } = JSON.parse(
  readFileSync(new URL('./goldens/vocabularies.json', import.meta.url), 'utf8'),
) as Goldens;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vocabularies-'));
});
afterAll(() => rm(root, { recursive: true }));

let made = 0;
async function folderWith(files: Files): Promise<string> {
  const folder = join(root, String(made++));
  await mkdir(folder);
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, name.endsWith('.model') ? 'base64' : 'utf8');
  return folder;
}

describe('a folder with a vocabulary and no tokenizer.json has transformers’ ids', () => {
  it.each(cases)('$name', async ({ vocabulary, files, ids, bare }) => {
    const folder = await folderWith({ ...vocabularies[vocabulary], ...files });
    const tokenizer = await openTokenizer(folder);
    expect(await tokenizer.encodeBatch([...texts])).toEqual(ids);
    expect(await tokenizer.encodeBatch([...texts], { addSpecialTokens: false })).toEqual(bare);
  });

  it('also once the tokenizer.json that is made of it lies there', async () => {
    const { vocabulary, files, ids } = cases.find(({ name }) => name === 'RoBERTa')!;
    const folder = await folderWith({ ...vocabularies[vocabulary], ...files });
    const text = await tokenizerJson(folder);
    const alone = await folderWith({ ...files, 'tokenizer.json': text });
    expect(await (await openTokenizer(alone)).encodeBatch([...texts])).toEqual(ids);
    expect(await missingTokenizerJson(folder)).toBe(text);
    expect(await missingTokenizerJson(alone)).toBeUndefined();
    expect(await missingTokenizerJson(await folderWith({ 'config.json': '{}' }))).toBeUndefined();
  });
});

const gpt2 = { 'config.json': '{"model_type":"gpt2"}', 'vocab.json': '{"a":0}' };
const llama = { 'tokenizer_config.json': '{"tokenizer_class":"LlamaTokenizer"}' };

describe('a vocabulary that cannot be read says where, what, and the mend', () => {
  it.each([
    ['no merges', gpt2, 'MODEL_CORRUPT', /but vocab.json; .*allowed: vocab.json with merges.txt/],
    [
      'a merge of three tokens',
      { ...gpt2, 'merges.txt': '#version: 0.2\na b c\n' },
      'MODEL_CORRUPT',
      /merges.txt: line 2: a merge must be two tokens.*found "a b c"/,
    ],
    [
      'an id that is a text',
      { ...gpt2, 'vocab.json': '{"a":"0"}', 'merges.txt': '' },
      'MODEL_CORRUPT',
      /vocab.json: must hold the id of each token; found \["a","0"\]/,
    ],
    [
      'merges of which nothing says how a text is split',
      { 'vocab.json': '{"a":0}', 'merges.txt': '' },
      'MODEL_CORRUPT',
      /found vocab.json: .*"TokenizersBackend"; allowed: tokenizer_class GPT2Tokenizer.*name the class in/,
    ],
    ['an empty model', { ...llama, 'tokenizer.model': '' }, 'MODEL_CORRUPT', /it has no pieces/],
    [
      'a tiktoken vocabulary by the same name',
      { ...llama, 'tokenizer.model': Buffer.from('IQ== 0\nIg== 1\n').toString('base64') },
      'MODEL_CORRUPT',
      /is no SentencePiece model; .*a tiktoken model of the same name/,
    ],
    [
      'a model that is cut off',
      { ...llama, 'tokenizer.model': vocabularies.llama!['tokenizer.model']!.slice(0, 1000) },
      'MODEL_CORRUPT',
      /is no SentencePiece model/,
    ],
    [
      'a model of whole words',
      // pieces { piece: "a" } trainer_spec { model_type: WORD }
      { ...llama, 'tokenizer.model': Buffer.from([10, 3, 10, 1, 97, 18, 2, 24, 3]).toString('base64') },
      'MODEL_UNSUPPORTED',
      /whole words or single characters is not supported; found model_type 3/,
    ],
    [
      'a SentencePiece model of a class that is not read',
      { ...vocabularies.llama, 'tokenizer_config.json': '{"tokenizer_class":"NllbTokenizer"}' },
      'MODEL_CORRUPT',
      /of "NllbTokenizer"; allowed: tokenizer_class LlamaTokenizer/,
    ],
    [
      'a Tekken vocabulary alone',
      { 'tekken.json': '{}' },
      'MODEL_CORRUPT',
      /found tekken.json: a Tekken vocabulary/,
    ],
  ] as const)('%s', async (_, files, code, says) => {
    await expect(openTokenizer(await folderWith(files))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(says) as string,
    });
  });
});
