import {
  addedTokens,
  isObject,
  mergedSettings,
  type AddedToken,
  type Json,
  type TokenFiles,
} from './added-tokens.js';
import { wordPieceTokenizer } from './wordpiece.js';

interface TokenizerFile extends Json {
  readonly model: { readonly type?: unknown; readonly vocab?: unknown };
  readonly added_tokens?: readonly Json[];
}

/** tokenizer.json with what the other files say. One that cannot be read stays as it is: who runs it says why. */
export function completed(text: string, files: TokenFiles, bert: boolean): string {
  try {
    const file: unknown = JSON.parse(text);
    return (isTokenizer(file) && JSON.stringify(changed(file, files, bert))) || text;
  } catch (error) {
    // The second of one that is nested too deep to be read or written here.
    if (error instanceof SyntaxError || error instanceof RangeError) return text;
    throw error;
  }
}

/** Undefined where that is no change. */
function changed(file: TokenizerFile, files: TokenFiles, bert: boolean): object | undefined {
  const { type = 'WordPiece', vocab } = file.model;
  const all = { ...files, listed: file.added_tokens ?? [] };
  if (bert && type === 'WordPiece' && isObject(vocab)) {
    const words = Object.entries(vocab).flatMap(([word, id]) =>
      typeof id === 'number' ? [[word, id] as const] : [],
    );
    return wordPieceTokenizer(new Map(words), all);
  }
  const tokens = withAdded(all.listed, addedTokens(mergedSettings(files), all), vocab);
  return tokens && { ...file, added_tokens: tokens };
}

const isTokenizer = (value: unknown): value is TokenizerFile =>
  isObject(value) &&
  isObject(value.model) &&
  (value.added_tokens === undefined ||
    (Array.isArray(value.added_tokens) && value.added_tokens.every(isObject)));

/** The listed tokens as the others change them, and those behind them; undefined where that is no change. */
function withAdded(
  listed: readonly Json[],
  added: ReadonlyMap<string, AddedToken>,
  vocab: unknown,
): Json[] | undefined {
  const known = new Set(listed.map(({ content }) => content));
  const fresh = [...added.values()].filter(({ content }) => !known.has(content));
  const changed = listed.map((token) => {
    const now = added.get(token.content as string);
    return now && !equal(now, token) ? { ...token, ...now } : token;
  });
  if (!fresh.length && changed.every((token, i) => token === listed[i])) return undefined;
  const ids = isObject(vocab) ? vocab : {};
  let next = Math.max(sizeOf(vocab), ...listed.map(({ id }) => Number(id) + 1));
  return [
    ...changed,
    ...fresh.map((token) => ({
      id: Object.hasOwn(ids, token.content) ? ids[token.content] : next++,
      ...token,
    })),
  ];
}

const equal = (token: AddedToken, other: Json): boolean =>
  Object.entries(token).every(([name, value]) => other[name] === value);

/** Of a Unigram model it is a list. */
const sizeOf = (vocab: unknown): number =>
  Array.isArray(vocab) ? vocab.length : isObject(vocab) ? Object.keys(vocab).length : 0;
