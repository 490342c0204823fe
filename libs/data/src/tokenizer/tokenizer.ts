import { TemperError, type ChatMessage, type Example, type Problem } from '@temper/contracts';
import { call, foundOf, inWords, type CallOptions } from './child/attempts.js';
import type { ItemOf, OperationName, OptionsOf } from './child/operations.js';
import type { Limits } from './child/protocol.js';
import { ChildEnded, TokenizerProcess, type ProcessOptions } from './child/tokenizer-process.js';
import { LeftOut } from './chat/left-out.js';
import type { EncodedPair, TextPair } from './encode-pairs.js';
import type { EncodedWords } from './encode-words.js';
import type { EncodedExample } from './encode-examples.js';
import type { DecodeOptions, EncodeOptions, RenderOptions, TokenizerFacts } from './local-tokenizer.js';

/**
 * A model's tokenizer and chat template, in a child process of its own with limits of time and memory. Safe to share:
 * requests are done one after the other, those of one call on all processors.
 *
 * Every method throws a TemperError DATA_INVALID that names the item (`place`) where its text makes the tokenizer or the
 * template take too long, too much memory, or end its process.
 */
export interface Tokenizer extends TokenizerFacts, AsyncDisposable {
  encode(text: string, options?: EncodeOptions & CallOptions): Promise<number[]>;
  encodeBatch(texts: readonly string[], options?: EncodeOptions & CallOptions): Promise<number[][]>;
  /** What a language model learns of each example: its ids, and labels where they count. Those refused are errors. */
  encodeExamples(examples: readonly Example[], options?: CallOptions): Promise<EncodedExample[]>;
  /** Words tokenised one by one, with the special tokens around all of them. */
  encodeWords(rows: readonly (readonly string[])[], options?: CallOptions): Promise<EncodedWords[]>;
  /** A question and what it is asked about each, with the special tokens around them; nothing is cut off. */
  encodePairs(pairs: readonly TextPair[], options?: CallOptions): Promise<EncodedPair[]>;
  decode(ids: ArrayLike<number>, options?: DecodeOptions): Promise<string>;
  tokenId(token: string): Promise<number | undefined>;
  /** The conversation as the model reads it. @throws TemperError DATA_INVALID where the template refuses it, or there is none. */
  renderChat(messages: readonly ChatMessage[], options?: RenderOptions & CallOptions): Promise<string>;
}

/**
 * Starts the process, which reads tokenizer.json, with tokenizer_config.json, special_tokens_map.json and
 * chat_template.jinja where they are. It ends with `await using`, with the signal, and with this process.
 * @throws TemperError MODEL_CORRUPT
 */
export async function loadTokenizer(folder: string, options: ProcessOptions = {}): Promise<Tokenizer> {
  const child = new TokenizerProcess(folder, options);
  try {
    return { ...(await child.facts()), ...methodsOf(child) };
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error instanceof ChildEnded ? unreadable(folder, error, child.limits) : error;
  }
}

function methodsOf(child: TokenizerProcess): Omit<Tokenizer, keyof TokenizerFacts> {
  const one = async <N extends OperationName>(
    operation: N,
    item: ItemOf<N>,
    options: OptionsOf<N>,
    where?: CallOptions,
  ) => (await call(child, operation, [item], options, where))[0]!;
  const encodeBatch: Tokenizer['encodeBatch'] = async (texts, { place, ...options } = {}) =>
    (await call(child, 'encode', texts, options, { place })).map((ids) => Array.from(ids));
  return {
    encode: async (text, options) => (await encodeBatch([text], options))[0]!,
    encodeBatch,
    encodeExamples: async (examples, where) =>
      (await call(child, 'examples', examples, undefined, where)).map((result, i) => {
        if ('code' in result) return new TemperError(result.code, placed(result.problems, where?.place?.(i)));
        if ('reason' in result) return new LeftOut(result.reason, result.message);
        return { ...result, inputIds: Array.from(result.inputIds), labels: Array.from(result.labels) };
      }),
    encodeWords: async (rows, where) =>
      (await call(child, 'words', rows, undefined, where)).map(({ inputIds, starts }) => ({
        inputIds: Array.from(inputIds),
        starts: Array.from(starts),
      })),
    encodePairs: (pairs, where) => call(child, 'pairs', pairs, undefined, where),
    decode: (ids, options = {}) => one('decode', Int32Array.from(ids), options),
    tokenId: (token) => one('tokenId', token, undefined),
    renderChat: (messages, { place, ...options } = {}) => one('render', messages, options, { place }),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

const placed = (problems: readonly Problem[], path: string | undefined) =>
  path === undefined ? problems : problems.map((problem) => ({ ...problem, path }));

const unreadable = (path: string, cause: ChildEnded, limits: Limits) =>
  new TemperError(
    'MODEL_CORRUPT',
    {
      path,
      message: `the tokenizer cannot be read: it ${inWords(cause.end, limits, limits.openMs)}`,
      ...foundOf(cause.end),
      hint: 'its files may be damaged, or made to do that',
    },
    { cause },
  );
