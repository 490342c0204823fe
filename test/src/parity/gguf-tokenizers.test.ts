import { readSentencePieceModel } from '@temper/data/tokenizer/vocabulary/sentencepiece-model';
import { loadTokenizer } from '@temper/data';
import type { MetadataValue } from '@temper/models/formats/gguf/header';
import { GgufMetadata } from '@temper/models/formats/gguf/reader';
import { rebuildTokenizer } from '@temper/models/formats/gguf/tokenizer';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Vocabularies and transformers' ids with them (libs/data/src/tokenizer/goldens/vocabularies.py). */
const goldens = JSON.parse(
  readFileSync(
    new URL('../../../libs/data/src/tokenizer/goldens/vocabularies.json', import.meta.url),
    'utf8',
  ),
) as {
  texts: string[];
  vocabularies: Record<string, Record<string, string>>;
  cases: { name: string; bare: number[][] }[];
};

const CONTROL = 3;

/** The fields that llama.cpp's converter writes of vocab.json and merges.txt. */
function byteLevelFields(pre: string, special: string): Record<string, MetadataValue> {
  const files = goldens.vocabularies['byte-level']!;
  const vocab = Object.entries(JSON.parse(files['vocab.json']!) as Record<string, number>);
  const tokens = vocab.sort(([, a], [, b]) => a - b).map(([token]) => token);
  return {
    model: 'gpt2',
    pre,
    tokens,
    token_type: tokens.map((token) => (token === special ? CONTROL : 1)),
    merges: files['merges.txt']!.trimEnd().split('\n').slice(1),
  };
}

/** Those of a SentencePiece model. */
function pieceFields(vocabulary: string, addSpacePrefix: boolean): Record<string, MetadataValue> {
  const bytes = Buffer.from(goldens.vocabularies[vocabulary]!['tokenizer.model']!, 'base64');
  const { pieces } = readSentencePieceModel(bytes, vocabulary);
  return {
    model: 'llama',
    tokens: pieces.map(({ piece }) => piece),
    scores: pieces.map(({ score }) => score),
    token_type: pieces.map(({ type }) => type),
    add_space_prefix: addSpacePrefix,
  };
}

it.each([
  ['gpt-2', 'GPT-2 by its kind of model', byteLevelFields('gpt-2', '<|endoftext|>')],
  ['phi-2', 'GPT-2 by its kind of model', byteLevelFields('phi-2', '<|endoftext|>')],
  ['mpt', 'GPT-NeoX', byteLevelFields('mpt', '<|endoftext|>')],
  ['olmo', 'GPT-NeoX', byteLevelFields('olmo', '<|endoftext|>')],
  ['qwen2', 'Qwen 2', byteLevelFields('qwen2', '<|endoftext|>')],
  ['deepseek-r1-qwen', 'Qwen 2', byteLevelFields('deepseek-r1-qwen', '<|endoftext|>')],
  ['command-r', 'Command R', byteLevelFields('command-r', '<s>')],
  ['llama', 'Llama 2, legacy', pieceFields('llama', true)],
  ['llama without a space before the text', 'Gemma by its kind of model', pieceFields('gemma', false)],
])('a GGUF tokenizer of the kind %s has the ids of transformers’ own (%s)', async (_, name, fields) => {
  const metadata = new GgufMetadata(
    new Map(Object.entries(fields).map(([key, value]) => [`tokenizer.ggml.${key}`, value])),
  );
  const folder = await mkdtemp(join(tmpdir(), 'gguf-tokenizer-'));
  try {
    const { tokenizer } = rebuildTokenizer({ file: 'made.gguf', metadata, tensors: new Map() });
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
    await using loaded = await loadTokenizer(folder);
    const ids = await loaded.encodeBatch(goldens.texts, { addSpecialTokens: false });
    const known = (fields.tokens as string[]).length;
    const { bare } = goldens.cases.find((one) => one.name === name)!;
    // Before a text (or a rest behind a special token) that begins with a space, transformers 5 puts none; Llama's own tokenizer.json, SentencePiece and llama.cpp do.
    const spaced = (text: string) => fields.add_space_prefix === true && /^[ ▁]|<s>/.test(text);
    // Tokens that transformers adds to a vocabulary of which they are no part are not in a GGUF file.
    const compared = bare.flatMap((golden, i) =>
      golden.some((id) => id >= known) || spaced(goldens.texts[i]!) ? [] : [i],
    );
    expect(compared.length).toBeGreaterThan(8);
    expect(compared.map((i) => ids[i])).toEqual(compared.map((i) => bare[i]));
  } finally {
    await rm(folder, { recursive: true });
  }
});
