/**
 * GGUF names the pre-tokenizer of a byte-level BPE (`tokenizer.ggml.pre`); here it becomes the `normalizer`,
 * `pre_tokenizer` and options that the model's own tokenizer.json has.
 */
export interface PreTokenizer {
  readonly normalizer: object | null;
  readonly preTokenizer: object;
  /** Words that are in the vocabulary whole are taken whole (Llama 3). */
  readonly ignoreMerges: boolean;
  /** The default where the metadata lacks `add_bos_token`. */
  readonly addBos: boolean;
}

const byteLevel = (useRegex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers });
const split = (regex: string) => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});

/** GPT-4's pattern with 1–3 digits a word (Llama 3) or single digits (Qwen 2). */
const words = (digits: string) =>
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" +
  digits +
  '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

/** GPT-4o's pattern: words end where capitals begin again, and keep their contractions. */
const gpt4oWords =
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" +
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" +
  '\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

const tekkenWords =
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|' +
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|' +
  '\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

const plain = { normalizer: null, ignoreMerges: false, addBos: false };
const gpt2: PreTokenizer = { ...plain, preTokenizer: byteLevel(true) };
const singleDigits: PreTokenizer = {
  ...plain,
  preTokenizer: sequence({ type: 'Digits', individual_digits: true }, byteLevel(true)),
};
const llama3: PreTokenizer = {
  normalizer: null,
  preTokenizer: sequence(split(words('\\p{N}{1,3}')), byteLevel(false)),
  ignoreMerges: true,
  addBos: true,
};
const qwen2: PreTokenizer = {
  ...plain,
  normalizer: { type: 'NFC' },
  preTokenizer: sequence(split(words('\\p{N}')), byteLevel(false)),
};
const tekken: PreTokenizer = {
  normalizer: null,
  preTokenizer: sequence(split(tekkenWords), byteLevel(false)),
  ignoreMerges: true,
  addBos: true,
};

/** GPT-NeoX's tokenizer, which MPT and OLMo took over. */
const neox: PreTokenizer = { ...gpt2, normalizer: { type: 'NFC' } };
/** Llama 3's tokenizer without its BOS token (SmolLM3). */
const llama3WithoutBos: PreTokenizer = { ...llama3, addBos: false };
/** cl100k's words are Llama 3's (DBRX, OLMo 2, Phi-4). */
const cl100k: PreTokenizer = { ...llama3WithoutBos, ignoreMerges: false };
const commandR: PreTokenizer = { ...singleDigits, normalizer: { type: 'NFC' } };
const gpt4o: PreTokenizer = { ...plain, preTokenizer: sequence(split(gpt4oWords), byteLevel(false)) };
const han = '[一-龥ࠀ-一가-퟿]+';
const deepseekCoder: PreTokenizer = {
  ...plain,
  preTokenizer: sequence(
    ...['[\\r\\n]', '\\s?\\p{L}+', '\\s?\\p{P}+', han].map(split),
    { type: 'Digits', individual_digits: true },
    byteLevel(false),
  ),
};
const falcon: PreTokenizer = {
  ...plain,
  preTokenizer: sequence(
    { type: 'Punctuation', behavior: 'Contiguous' },
    byteLevel(true),
    { type: 'Digits', individual_digits: false },
    split('[0-9][0-9][0-9]'),
  ),
};

/** By the names that llama.cpp writes. */
export const preTokenizers: Readonly<Record<string, PreTokenizer>> = {
  'gpt-2': gpt2,
  gpt2,
  'phi-2': gpt2,
  mpt: neox,
  olmo: neox,
  smollm: singleDigits,
  starcoder: singleDigits,
  refact: singleDigits,
  'command-r': commandR,
  codeshell: singleDigits,
  'llama-bpe': llama3,
  llama3,
  'llama-v3': llama3,
  'smaug-bpe': llama3WithoutBos,
  dbrx: cl100k,
  'gpt-4o': gpt4o,
  'deepseek-coder': deepseekCoder,
  falcon,
  qwen2,
  'deepseek-r1-qwen': qwen2,
  tekken,
};
