import { TemperError, type ChatMessage, type ErrorCode, type Example, type Problem } from '@temper/contracts';
import { LeftOut } from '../chat/left-out.js';
import type { ChatNotes } from '../chat/render-conversation.js';
import { encodeExamples } from '../encode-examples.js';
import type { EncodedPair, TextPair } from '../encode-pairs.js';
import type { DecodeOptions, EncodeOptions, LocalTokenizer, RenderOptions } from '../local-tokenizer.js';

/** Says which item is worked on from here; undefined: all of them at once. */
export type At = (item: number | undefined) => void;

/** Ids are many: as typed arrays they cross to the parent as they lie in memory. */
export type Ids = Int32Array;

/** An error of one item, or of a whole request, on its way to the parent. */
export interface SentError {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
}

export interface SentTokens {
  readonly inputIds: Ids;
  readonly labels: Ids;
  readonly notes?: ChatNotes;
}

export type SentExample = SentTokens | LeftOut | SentError;

type Operation<Item, Result, Options> = (
  tokenizer: LocalTokenizer,
  items: readonly Item[],
  options: Options,
  at: At,
) => Promise<Result[]>;

const encode: Operation<string, Ids, EncodeOptions> = async (tokenizer, texts, options) =>
  (await tokenizer.encodeBatch(texts, options)).map(asIds);

interface SentWords {
  readonly inputIds: Ids;
  readonly starts: Ids;
}

const words: Operation<readonly string[], SentWords, undefined> = async (tokenizer, rows) =>
  (await tokenizer.encodeWords(rows)).map(({ inputIds, starts }) => ({
    inputIds: asIds(inputIds),
    starts: asIds(starts),
  }));

const pairs: Operation<TextPair, EncodedPair, undefined> = (tokenizer, items) => tokenizer.encodePairs(items);

const examples: Operation<Example, SentExample, undefined> = async (tokenizer, items, _, at) =>
  (await encodeExamples(tokenizer, items, at)).map((one) =>
    one instanceof TemperError
      ? sent(one)
      : one instanceof LeftOut
        ? one
        : { ...one, inputIds: asIds(one.inputIds), labels: asIds(one.labels) },
  );

const render: Operation<readonly ChatMessage[], string, RenderOptions> = async (
  tokenizer,
  conversations,
  options,
  at,
) =>
  conversations.map((messages, i) => {
    at(i);
    return tokenizer.renderChat(messages, options);
  });

const decode: Operation<ArrayLike<number>, string, DecodeOptions> = (tokenizer, items, options) =>
  Promise.all(items.map((ids) => tokenizer.decode(ids, options)));

const tokenId: Operation<string, number | undefined, undefined> = async (tokenizer, tokens) =>
  tokens.map((token) => tokenizer.tokenId(token));

/** What the child can be asked for: each takes items, and returns a result for each. */
export const operations = { encode, words, pairs, examples, render, decode, tokenId };

export type OperationName = keyof typeof operations;
export type ItemOf<N extends OperationName> = Parameters<(typeof operations)[N]>[1][number];
export type OptionsOf<N extends OperationName> = Parameters<(typeof operations)[N]>[2];
export type ResultOf<N extends OperationName> = Awaited<ReturnType<(typeof operations)[N]>>[number];

export const sent = ({ code, problems }: TemperError): SentError => ({ code, problems });

const asIds = (ids: readonly number[]): Ids => Int32Array.from(ids);
