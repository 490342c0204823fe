import { TemperError } from '@temper/contracts';
import { preTokenizers } from './pretokenizers.js';
import type { GgufFile } from './reader.js';
import { mergesFromScores, sentencePieceParts } from './sentencepiece.js';
import { corruptTokenizer, key, type Vocabulary } from './vocabulary.js';

/** The parts of tokenizer.json that depend on the kind of tokenizer. */
export interface TokenizerParts {
  readonly normalizer: object | null;
  readonly pre_tokenizer: object | null;
  readonly decoder: object;
  readonly model: object;
  /** Whether a text begins with the BOS token, unless the file says so. */
  readonly addBos: boolean;
  readonly addPrefixSpace: boolean;
}

/** By `tokenizer.ggml.model`. */
const kinds: Readonly<Record<string, (vocabulary: Vocabulary) => TokenizerParts>> = {
  gpt2: byteLevelBpe,
  llama: sentencePiece,
};

export function tokenizerParts(vocabulary: Vocabulary): TokenizerParts {
  const kind = vocabulary.gguf.metadata.string(key('model')) ?? 'nothing';
  const parts = kinds[kind];
  if (!parts) throw unsupported(vocabulary.gguf, 'tokenizer', kind, Object.keys(kinds));
  return parts(vocabulary);
}

const bpe = { type: 'BPE', dropout: null, continuing_subword_prefix: null, end_of_word_suffix: null };
const idsOf = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));

function byteLevelBpe({ gguf, tokens }: Vocabulary): TokenizerParts {
  const pre = gguf.metadata.string(key('pre')) ?? 'gpt-2';
  const known = preTokenizers[pre];
  if (!known) throw unsupported(gguf, 'pre-tokenizer', pre, Object.keys(preTokenizers));
  const merges = gguf.metadata.list<string>(key('merges'));
  if (!merges?.length) throw corruptTokenizer(gguf, 'the tokenizer has no merges');
  const { normalizer, preTokenizer, ignoreMerges, addBos } = known;
  return {
    normalizer,
    pre_tokenizer: preTokenizer,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      ...bpe,
      unk_token: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: ignoreMerges,
      vocab: idsOf(tokens),
      merges,
    },
    addBos,
    addPrefixSpace: false,
  };
}

function sentencePiece({ gguf, tokens, added, special }: Vocabulary): TokenizerParts {
  const scores = gguf.metadata.list<number>(key('scores'));
  if (scores?.length !== tokens.length)
    throw corruptTokenizer(gguf, 'the SentencePiece tokenizer has no scores');
  const addPrefixSpace = gguf.metadata.boolean(key('add_space_prefix')) ?? true;
  return {
    ...sentencePieceParts(addPrefixSpace),
    model: {
      ...bpe,
      unk_token: special.get('unknown')?.content ?? null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: idsOf(tokens),
      merges: mergesFromScores(tokens, scores, new Set(added.map((token) => token.content))),
    },
    addBos: true,
    addPrefixSpace,
  };
}

const unsupported = ({ file }: GgufFile, what: string, found: string, allowed: readonly string[]) =>
  new TemperError('MODEL_UNSUPPORTED', {
    path: file,
    message: `a GGUF ${what} that is not supported`,
    found,
    allowed: allowed.join(', '),
  });
