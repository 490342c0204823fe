import type { Tokenizer as RustTokenizer } from '@anush008/tokenizers';

/** A text that is asked about another one. */
export interface TextPair {
  readonly question: string;
  readonly context: string;
}

/** Tokens of both texts with the special ones before, between and after them. */
export interface EncodedPair {
  readonly inputIds: readonly number[];
  /** The type of each, as the tokenizer's template says it. */
  readonly tokenTypes: readonly number[];
  /** Where the context's own tokens begin. */
  readonly first: number;
  /** Of each of these where it begins and ends in the context, in UTF-16 units. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Special tokens around two texts, and the types of all. */
interface PairTemplate {
  readonly ids: readonly (readonly number[])[];
  readonly types: readonly (readonly number[])[];
}

/** Pairs as transformers' tokenizers make them of a text and a `text_pair`, nothing cut off. */
export async function encodePairs(rust: RustTokenizer, pairs: readonly TextPair[]): Promise<EncodedPair[]> {
  const { ids, types } = await templateOf(rust);
  const bare = (texts: string[]) => rust.encodeBatch(texts, { addSpecialTokens: false });
  const questions = await bare(pairs.map(({ question }) => question));
  const contexts = await bare(pairs.map(({ context }) => context));
  return pairs.map(({ context }, i) => {
    const [asked, read] = [questions[i]!.getIds(), contexts[i]!.getIds()];
    const filled = (type: readonly number[], of: readonly number[]) => of.map(() => type[0] ?? 0);
    const unit = unitsIn(context);
    const offsets = contexts[i]!.getOffsets().map(([start, end]) =>
      withoutSpace(context, unit(start!), unit(end!)),
    );
    return {
      inputIds: [...ids[0]!, ...asked, ...ids[2]!, ...read, ...ids[4]!],
      tokenTypes: [
        ...types[0]!,
        ...filled(types[1]!, asked),
        ...types[2]!,
        ...filled(types[3]!, read),
        ...types[4]!,
      ],
      first: ids[0]!.length + asked.length + ids[2]!.length,
      starts: offsets.map(([start]) => start),
      ends: offsets.map(([, end]) => end),
    };
  });
}

/** What the template makes of two texts of which each is known: five parts, of which the second and the fourth are the texts. */
async function templateOf(rust: RustTokenizer): Promise<PairTemplate> {
  const probe = 'a';
  const inner = (await rust.encode(probe, null, { addSpecialTokens: false })).getIds();
  const whole = await rust.encode(probe, probe, { addSpecialTokens: true });
  const [ids, types] = [whole.getIds(), whole.getTypeIds()];
  const from = (at: number) => ids.findIndex((_, i) => i >= at && inner.every((id, k) => ids[i + k] === id));
  const one = from(0);
  const two = from(one + inner.length);
  const ends = [0, one, one + inner.length, two, two + inner.length, ids.length];
  const parts = (of: readonly number[]) => ends.slice(1).map((end, k) => of.slice(ends[k], end));
  return { ids: parts(ids), types: parts(types) };
}

/** Some tokenizers count the space before a word among its characters (`trim_offsets`). */
function withoutSpace(text: string, start: number, end: number): readonly [number, number] {
  let first = start;
  while (first < end && /\s/.test(text[first]!)) first++;
  return [first, end];
}

/** Offsets of the Rust code count code points, JavaScript's lengths UTF-16 units. */
function unitsIn(text: string): (point: number) => number {
  if (!/[\ud800-\udbff][\udc00-\udfff]/.test(text)) return (point) => point;
  const starts = [0];
  for (const character of text) starts.push(starts.at(-1)! + character.length);
  return (point) => starts[point]!;
}

/** The pair with its context cut on the right, so that it has at most so many tokens; undefined where the question alone fills them. */
export function cutPair(pair: EncodedPair, maxLength: number): EncodedPair | undefined {
  const { inputIds, tokenTypes, first, starts, ends } = pair;
  const room = starts.length - Math.max(0, inputIds.length - maxLength);
  if (room < 1) return undefined;
  const cut = (of: readonly number[]) => [...of.slice(0, first + room), ...of.slice(first + starts.length)];
  return {
    inputIds: cut(inputIds),
    tokenTypes: cut(tokenTypes),
    first,
    starts: starts.slice(0, room),
    ends: ends.slice(0, room),
  };
}
