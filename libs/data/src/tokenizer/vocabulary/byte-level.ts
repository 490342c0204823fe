import { mergedSettings, type Json, type TokenFiles } from '../added-tokens.js';
import { flag } from './flags.js';
import { assembled, bosEosTemplate, robertaTemplate, type Roles } from './parts.js';

export interface MergesVocabulary {
  readonly vocab: ReadonlyMap<string, number>;
  readonly merges: readonly (readonly [string, string])[];
}

/** A class of transformers for vocab.json with merges.txt. */
interface ByteLevelClass {
  /** The special tokens where the files say nothing. */
  readonly standards: Json;
  readonly normalizer: object | null;
  preTokenizer(addPrefixSpace: boolean): object;
  post(settings: Json, roles: Roles): object | null;
}

const byteLevel = (addPrefixSpace: boolean, useRegex = true) => ({
  type: 'ByteLevel',
  add_prefix_space: addPrefixSpace,
  trim_offsets: true,
  use_regex: useRegex,
});
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers });
const splitBy = (regex: string) => (addPrefixSpace: boolean) =>
  sequence(
    { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false },
    byteLevel(addPrefixSpace, false),
  );

/** GPT-4's pattern with single digits (Qwen 2). */
const qwenWords =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const END = '<|endoftext|>';
const NFC = { type: 'NFC' };
const gpt2: ByteLevelClass = {
  standards: { unk_token: END, bos_token: END, eos_token: END },
  normalizer: null,
  preTokenizer: byteLevel,
  post: bosEosTemplate,
};
const qwen2: ByteLevelClass = {
  standards: { unk_token: END, eos_token: END, pad_token: END },
  normalizer: NFC,
  preTokenizer: splitBy(qwenWords),
  post: bosEosTemplate,
};

/** By transformers' name (models/<family>/tokenization_<family>.py, 5.23). */
export const byteLevelClasses: Readonly<Record<string, ByteLevelClass>> = {
  GPT2Tokenizer: gpt2,
  Qwen2Tokenizer: qwen2,
  GPTNeoXTokenizer: {
    ...gpt2,
    standards: { ...gpt2.standards, pad_token: '<|padding|>' },
    normalizer: NFC,
  },
  CohereTokenizer: {
    standards: {
      unk_token: '<UNK>',
      bos_token: '<BOS_TOKEN>',
      eos_token: '<|END_OF_TURN_TOKEN|>',
      pad_token: '<PAD>',
      cls_token: '<CLS>',
      sep_token: '<SEP>',
      mask_token: '<MASK_TOKEN>',
    },
    normalizer: NFC,
    preTokenizer: (prefix) => sequence({ type: 'Digits', individual_digits: true }, byteLevel(prefix)),
    post: bosEosTemplate,
  },
  RobertaTokenizer: {
    ...gpt2,
    standards: {
      bos_token: '<s>',
      eos_token: '</s>',
      sep_token: '</s>',
      cls_token: '<s>',
      unk_token: '<unk>',
      pad_token: '<pad>',
      mask_token: '<mask>',
    },
    post: (_, roles) => robertaTemplate(roles.token('cls_token')!, roles.token('sep_token')!),
  },
  DebertaTokenizer: {
    ...gpt2,
    standards: {
      bos_token: '[CLS]',
      eos_token: '[SEP]',
      sep_token: '[SEP]',
      cls_token: '[CLS]',
      unk_token: '[UNK]',
      pad_token: '[PAD]',
      mask_token: '[MASK]',
    },
    post: (_, roles) => robertaTemplate(roles.token('cls_token')!, roles.token('sep_token')!),
  },
};

/** @throws TemperError MODEL_CORRUPT where a setting has another type than it must */
export function byteLevelTokenizer(
  name: string,
  { vocab, merges }: MergesVocabulary,
  files: TokenFiles,
): object {
  const kind = byteLevelClasses[name]!;
  const settings = { ...kind.standards, ...mergedSettings(files) };
  const parts = {
    normalizer: kind.normalizer,
    pre_tokenizer: kind.preTokenizer(flag(settings, 'add_prefix_space', false)),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocab),
      merges,
    },
  };
  return assembled(parts, vocab, settings, files, (roles) => kind.post(settings, roles));
}
