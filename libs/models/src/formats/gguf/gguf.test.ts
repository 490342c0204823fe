import { mkdtemp, rm, truncate, copyFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkModel } from '../../check.js';
import { buildForward } from '../../forward.js';
import { openModel } from '../../model.js';
import { prepareModel } from '../../prepare.js';
import { goldenFolder, largestDifference, logitsOf, readGolden } from '../../testing.js';
import { unpermute } from './llama.js';
import { describeGguf } from './convert.js';
import type { MetadataValue } from './header.js';
import { GgufMetadata, type GgufFile } from './reader.js';
import { rebuildTokenizer } from './tokenizer.js';

const file = goldenFolder('llama-tiny.gguf');
let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'gguf-'));
});
afterAll(() => rm(cache, { recursive: true }));

describe('a GGUF model', () => {
  it('is read without its weights', async () => {
    expect(await checkModel(file, 'causal-lm')).toMatchObject({
      format: 'gguf',
      architecture: 'LlamaForCausalLM',
      maxPositions: 64,
      vocabularySize: 32,
    });
  });

  it('becomes a folder with the logits of the model that it was made from', async () => {
    const folder = await prepareModel(file, cache);
    const model = await openModel(folder);
    expect(model.config).toMatchObject({
      num_key_value_heads: 2,
      rms_norm_eps: 1e-5,
      rope_theta: 100000,
      rope_scaling: null,
      tie_word_embeddings: true,
      bos_token_id: 1,
      eos_token_id: 2,
      pad_token_id: 2,
    });
    const golden = readGolden('llama-tiny.gguf.json');
    const { graph } = buildForward(model, { task: 'causal-lm', seed: 0 });
    expect(largestDifference(logitsOf(graph, folder, golden), golden.logits)).toBeLessThan(1e-4);
    // A second time it is found, and its tokenizer is there.
    expect(await prepareModel(file, cache)).toBe(folder);
    expect(model.tokenizerFiles).toEqual(['tokenizer.json', 'tokenizer_config.json']);
  });

  it('is refused where it is cut off, or no GGUF', async () => {
    const cut = join(cache, 'cut.gguf');
    await copyFile(file, cut);
    await truncate(cut, 50_000);
    await expect(checkModel(cut, 'causal-lm')).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      problems: expect.arrayContaining([
        expect.objectContaining({ message: 'lies beyond the end of the file' }),
      ]) as unknown,
    });
    await writeFile(cut, 'this is something else entirely, and long enough to have a header of some kind');
    await expect(checkModel(cut, 'causal-lm')).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
  });
});

describe('undoing ggml’s order of rows', () => {
  it('takes rows (2i, 2i+1) of a head to (i, i + d/2)', () => {
    // two heads of four rows of one column, numbered as in Hugging Face: ggml stores 0 2 1 3
    expect([...unpermute(Float32Array.of(0, 2, 1, 3, 4, 6, 5, 7), 2, 4)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...unpermute(Float32Array.of(0, 0, 2, 2, 1, 1, 3, 3), 1, 4)]).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });
});

describe('a tokenizer rebuilt from metadata', () => {
  it('has the vocabulary, merges, special tokens and template of the file', async () => {
    const { gguf } = await describeGguf(file);
    const { tokenizer, tokenizerConfig } = rebuildTokenizer(gguf);
    expect(tokenizer).toMatchObject({
      normalizer: null,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Digits', individual_digits: true },
          { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
        ],
      },
      post_processor: null,
      decoder: { type: 'ByteLevel' },
      model: { type: 'BPE', merges: ['Ġ a', 'a b', 'Ġ ab', 'c d', '1 2'] },
    });
    const model = tokenizer.model as { vocab: Record<string, number> };
    expect(model.vocab['Ġab']).toBe(20);
    expect((tokenizer.added_tokens as { content: string; special: boolean }[]).map((t) => t.content)).toEqual(
      ['<|endoftext|>', '<|im_start|>', '<|im_end|>'],
    );
    expect(tokenizerConfig).toMatchObject({
      bos_token: '<|im_start|>',
      eos_token: '<|im_end|>',
      unk_token: '<|endoftext|>',
      pad_token: '<|im_end|>',
      model_max_length: 64,
    });
    expect(tokenizerConfig.chat_template).toContain('<|im_start|>');
  });

  const fileWith = (metadata: Record<string, MetadataValue>): GgufFile => ({
    file: 'm.gguf',
    tensors: new Map(),
    metadata: new GgufMetadata(
      new Map(Object.entries(metadata).map(([key, value]) => [`tokenizer.ggml.${key}`, value])),
    ),
  });

  it('begins texts with the BOS token where the kind of tokenizer does', () => {
    const llama3 = {
      model: 'gpt2',
      pre: 'llama-bpe',
      tokens: ['a', '<s>'],
      token_type: [1, 3],
      merges: ['a a'],
      bos_token_id: 1,
    };
    expect(rebuildTokenizer(fileWith(llama3)).tokenizer).toMatchObject({
      model: { ignore_merges: true },
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        special_tokens: { '<s>': { ids: [1] } },
      },
    });
    const without = rebuildTokenizer(fileWith({ ...llama3, add_bos_token: false }));
    expect(without.tokenizer.post_processor).toBeNull();
  });

  it('derives the merges of a SentencePiece vocabulary from its scores', () => {
    const { tokenizer } = rebuildTokenizer(
      fileWith({
        model: 'llama',
        tokens: ['<unk>', '<s>', 'a', 'b', 'c', 'ab', 'bc', 'abc'],
        token_type: [2, 3, 1, 1, 1, 1, 1, 1],
        scores: [0, 0, -10, -11, -12, -1, -2, -3],
        bos_token_id: 1,
        unknown_token_id: 0,
      }),
    );
    expect(tokenizer.model).toMatchObject({
      byte_fallback: true,
      unk_token: '<unk>',
      merges: [
        ['a', 'b'],
        ['b', 'c'],
        ['ab', 'c'],
        ['a', 'bc'],
      ],
    });
    expect(tokenizer.post_processor).toMatchObject({ single: [{ SpecialToken: { id: '<s>' } }, {}] });
  });

  it('names a pre-tokenizer that is not known, and those that are', () => {
    const odd = { model: 'gpt2', pre: 'klingon', tokens: ['a'], merges: ['a a'] };
    expect(() => rebuildTokenizer(fileWith(odd))).toThrow(/found klingon; allowed: .*smollm/);
    expect(() => rebuildTokenizer(fileWith({ tokens: ['a'], model: 't5' }))).toThrow(
      /found t5; allowed: gpt2, llama/,
    );
  });
});
