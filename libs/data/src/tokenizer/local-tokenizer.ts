import { Tokenizer as RustTokenizer } from '@anush008/tokenizers';
import { TemperError, type ChatMessage } from '@temper/contracts';
import { join } from 'node:path';
import { renderPrompt, type ChatTemplate } from './chat/render-conversation.js';
import type { Conversation } from './chat/variables.js';
import { chatTemplatesOf } from './chat-template.js';
import { encodeCounted, type CountedText } from './encode-counted.js';
import { noTemplate } from './encode-examples.js';
import { encodePairs, type EncodedPair, type TextPair } from './encode-pairs.js';
import { encodeParts } from './encode-parts.js';
import { encodeWords, type EncodedWords } from './encode-words.js';
import type { LabelledTokens } from './encode-segments.js';
import { readGenerationEnds, readSpecialTokens, type SpecialTokens } from './special-tokens.js';
import { tokenizerJson } from './tokenizer-json.js';
import { withTypedErrors } from './typed-errors.js';

export interface EncodeOptions {
  /** Those that the model wants around a text, e.g. [CLS] … [SEP]. Default: true. */
  readonly addSpecialTokens?: boolean | undefined;
  /** Cut on the right to so many tokens, special ones included and kept. */
  readonly maxLength?: number | undefined;
}

export interface DecodeOptions {
  /** Default: true. */
  readonly skipSpecialTokens?: boolean | undefined;
}

export interface RenderOptions {
  /** What the template writes to open the next answer. Default: false. */
  readonly addGenerationPrompt?: boolean | undefined;
}

export interface Affixes {
  readonly prefix: readonly number[];
  readonly suffix: readonly number[];
}

/** What is known of a tokenizer once its files are read. */
export interface TokenizerFacts {
  readonly vocabularySize: number;
  readonly padTokenId: number;
  readonly bosTokenId: number | undefined;
  /** What ends a text; for chat models what ends an answer. */
  readonly eosTokenId: number | undefined;
  /** All that end a generation: those of generation_config.json (else of config.json), and `eosTokenId`. */
  readonly generationEnds: readonly number[];
  readonly special: SpecialTokens;
  /** All tokens that are no text: those of `special` and those that its file marks so. */
  readonly specialTokenIds: readonly number[];
  /** What hides a token of a masked language model. */
  readonly maskTokenId: number | undefined;
  /** The special tokens that the model wants before and after a text. */
  readonly affixes: Affixes;
  /** Jinja source, where the model has one. */
  readonly chatTemplate: string | undefined;
}

/**
 * A model's tokenizer in this process: Hugging Face's own Rust code, so that ids are those of transformers.
 *
 * Its files come from outside, and so do the texts: a regular expression of theirs may never end, a template may fill the
 * memory, the Rust code ends the whole process where it panics. So it runs in the child process of child/main.ts (and in
 * tests); everything else has `loadTokenizer`.
 */
export interface LocalTokenizer extends TokenizerFacts {
  encodeBatch(texts: readonly string[], options?: EncodeOptions): Promise<number[][]>;
  /** Words tokenised one by one, with the special tokens around all of them. */
  encodeWords(rows: readonly (readonly string[])[]): Promise<EncodedWords[]>;
  /** Two texts each, with the special tokens around them. */
  encodePairs(pairs: readonly TextPair[]): Promise<EncodedPair[]>;
  /** Texts in parts, the ids by part; without special tokens. */
  encodeParts(texts: readonly (readonly string[])[]): Promise<number[][][]>;
  /** Whole texts, without special tokens; labels for what of them is counted. */
  encodeCounted(texts: readonly CountedText[]): Promise<LabelledTokens[]>;
  decode(ids: ArrayLike<number>, options?: DecodeOptions): Promise<string>;
  tokenId(token: string): number | undefined;
  /** The template that writes a conversation. @throws TemperError DATA_INVALID where the model has none */
  templateFor(conversation: Pick<Conversation, 'tools'>): ChatTemplate;
  /** The conversation as the model reads it. @throws TemperError DATA_INVALID where the template refuses it, or there is none. */
  renderChat(messages: readonly ChatMessage[], options?: RenderOptions): string;
}

/**
 * Reads tokenizer.json (or makes it of a BERT's vocab.txt), with tokenizer_config.json, special_tokens_map.json and
 * chat_template.jinja where they are.
 * @throws TemperError MODEL_CORRUPT
 */
export async function openTokenizer(folder: string): Promise<LocalTokenizer> {
  const file = join(folder, 'tokenizer.json');
  const json = await tokenizerJson(folder);
  let rust: RustTokenizer;
  try {
    rust = withTypedErrors(RustTokenizer.fromString(json), file);
  } catch (cause) {
    const message = `the tokenizer cannot be read: ${(cause as Error).message}`;
    throw new TemperError('MODEL_CORRUPT', { path: file, message }, { cause });
  }
  // The file may ask for padding and truncation of its own; both are done here, as the spec says.
  rust.disablePadding();
  rust.disableTruncation();

  const special = await readSpecialTokens(folder);
  const tokenId = (token: string | undefined) =>
    token === undefined ? undefined : (rust.tokenToId(token) ?? undefined);
  const eosTokenId = tokenId(special.eos_token);
  const ends = await readGenerationEnds(folder);
  const templates = await chatTemplatesOf(folder);
  const templateFor = ({ tools }: Pick<Conversation, 'tools'>): ChatTemplate => {
    if (!templates) throw noTemplate();
    return { source: tools === undefined ? templates.plain : templates.toolUse, special };
  };
  const around = await affixes(rust);
  const specialTokenIds = specialIds(json, Object.values(special).map(tokenId));

  async function encodeBatch(texts: readonly string[], options: EncodeOptions = {}): Promise<number[][]> {
    const { prefix, suffix } = options.addSpecialTokens === false ? { prefix: [], suffix: [] } : around;
    if (options.maxLength === undefined)
      return (await bare(rust, texts)).map((ids) => [...prefix, ...ids, ...suffix]);
    const room = Math.max(0, options.maxLength - prefix.length - suffix.length);
    const starts = await bareStarts(rust, texts, room);
    return starts.map((ids) => [...prefix, ...ids.slice(0, room), ...suffix].slice(0, options.maxLength));
  }

  return {
    encodeBatch,
    encodeWords: (rows) => encodeWords(rust, around, rows),
    encodePairs: (pairs) => encodePairs(rust, pairs),
    encodeParts: (texts) => encodeParts(rust, texts),
    encodeCounted: (texts) => encodeCounted(rust, texts),
    decode: (ids, options) => rust.decode(Array.from(ids), options?.skipSpecialTokens ?? true),
    tokenId,
    vocabularySize: rust.getVocabSize(true),
    padTokenId: tokenId(special.pad_token) ?? eosTokenId ?? 0,
    bosTokenId: tokenId(special.bos_token),
    eosTokenId,
    generationEnds: [...new Set([...ends, ...(eosTokenId === undefined ? [] : [eosTokenId])])],
    special,
    specialTokenIds,
    maskTokenId: maskId(special, tokenId, specialTokenIds),
    affixes: around,
    chatTemplate: templates?.plain,
    templateFor,
    renderChat: (messages, options) =>
      renderPrompt(templateFor({}), { messages }, options?.addGenerationPrompt ?? false),
  };
}

function specialIds(json: string, named: readonly (number | undefined)[]): number[] {
  const { added_tokens: added = [] } = JSON.parse(json) as {
    added_tokens?: readonly { readonly id: number; readonly special?: boolean }[];
  };
  const marked = added.filter(({ special }) => special).map(({ id }) => id);
  const known = named.filter((id): id is number => id !== undefined);
  return [...new Set([...known, ...marked])].sort((a, b) => a - b);
}

/** As it is named; else what transformers' tokenizers of encoders call it by default, where that is a special token. */
function maskId(
  { mask_token: named }: SpecialTokens,
  tokenId: (token: string | undefined) => number | undefined,
  special: readonly number[],
): number | undefined {
  const ids = [named, '[MASK]', '<mask>'].map(tokenId);
  return ids.find((id) => id !== undefined && special.includes(id));
}

async function bare(rust: RustTokenizer, texts: readonly string[]): Promise<number[][]> {
  const encodings = await rust.encodeBatch([...texts], { addSpecialTokens: false });
  return encodings.map((encoding) => encoding.getIds());
}

/**
 * The ids of texts of which only the first `room` are wanted. A long text is first cut far behind them, at white space:
 * words are tokenised one by one, so what follows cannot change those before. Where that was too little, it is taken whole.
 */
async function bareStarts(rust: RustTokenizer, texts: readonly string[], room: number): Promise<number[][]> {
  const CHARACTERS_PER_TOKEN = 8;
  const cut = texts.map((text) => {
    const from = (room + 2) * CHARACTERS_PER_TOKEN;
    const space = text.length > 2 * from ? text.slice(from, 2 * from).search(/\s/) : -1;
    return space < 0 ? text : text.slice(0, from + space);
  });
  const ids = await bare(rust, cut);
  const short = ids.flatMap((of, i) => (cut[i] !== texts[i] && of.length < room + 2 ? [i] : []));
  const whole = await bare(
    rust,
    short.map((i) => texts[i]!),
  );
  short.forEach((i, k) => (ids[i] = whole[k]!));
  return ids;
}

/** The special tokens that the model's template puts before and after a single text. */
async function affixes(rust: RustTokenizer): Promise<Affixes> {
  const probe = 'a';
  const inner = (await rust.encode(probe, null, { addSpecialTokens: false })).getIds();
  const all = (await rust.encode(probe, null, { addSpecialTokens: true })).getIds();
  const at = all.findIndex((_, i) => inner.every((id, k) => all[i + k] === id));
  return { prefix: all.slice(0, at), suffix: all.slice(at + inner.length) };
}
