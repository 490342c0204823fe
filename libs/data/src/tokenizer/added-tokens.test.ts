import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTokenizer } from './local-tokenizer.js';

interface Case {
  readonly name: string;
  readonly base: string;
  readonly config: Record<string, unknown>;
  readonly files: Record<string, unknown>;
  readonly ids: number[][];
  readonly pad: number;
}
const goldens = fileURLToPath(new URL('goldens', import.meta.url));
const { texts, cases } = JSON.parse(readFileSync(join(goldens, 'added-tokens.json'), 'utf8')) as {
  texts: string[];
  cases: Case[];
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'added-tokens-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function put({ base, config, files }: Pick<Case, 'base' | 'config' | 'files'>): Promise<void> {
  await cp(join(goldens, base), folder, { recursive: true });
  const known = JSON.parse(await readFile(join(folder, 'tokenizer_config.json'), 'utf8')) as object;
  const all = { 'tokenizer_config.json': { ...known, ...config }, ...files };
  for (const [name, value] of Object.entries(all)) await writeFile(join(folder, name), JSON.stringify(value));
}

describe('a tokenizer.json with other files beside it has transformers’ ids', () => {
  it.each(cases)('$name', async (given) => {
    await put(given);
    const tokenizer = await openTokenizer(folder);
    expect(await tokenizer.encodeBatch(texts)).toEqual(given.ids);
    expect(tokenizer.padTokenId).toBe(given.pad);
  });
});

it('special tokens that are to be split are refused in words', async () => {
  await put({ base: 'chat', config: { split_special_tokens: true }, files: {} });
  await expect(openTokenizer(folder)).rejects.toThrow(/split_special_tokens: .*not supported; found true/);
});
