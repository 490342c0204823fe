import type { Tokenizer as RustTokenizer } from '@anush008/tokenizers';
import type { Affixes } from './local-tokenizer.js';

/** Tokens of words, and of each word where its first token is; −1 where it has none. */
export interface EncodedWords {
  readonly inputIds: readonly number[];
  readonly starts: readonly number[];
}

/**
 * Words tokenised one by one, with special tokens around all of them, as transformers does with `is_split_into_words`. Where a
 * word inside of a text has its space in its first token (byte-level BPE), each has it here: `add_prefix_space` of transformers.
 */
export async function encodeWords(
  rust: RustTokenizer,
  { prefix, suffix }: Affixes,
  rows: readonly (readonly string[])[],
): Promise<EncodedWords[]> {
  const idsOf = async (texts: readonly string[]) =>
    (await rust.encodeBatch([...texts], { addSpecialTokens: false })).map((encoding) => encoding.getIds());
  const space = (await wantsSpace(idsOf)) ? ' ' : '';
  const encoded = await idsOf(rows.flatMap((words) => words.map((word) => space + word)));
  let next = 0;
  return rows.map((words) => {
    const inputIds = [...prefix];
    const starts = words.map(() => {
      const ids = encoded[next++]!;
      const start = ids.length ? inputIds.length : -1;
      inputIds.push(...ids);
      return start;
    });
    return { inputIds: [...inputIds, ...suffix], starts };
  });
}

async function wantsSpace(idsOf: (texts: readonly string[]) => Promise<number[][]>): Promise<boolean> {
  const [alone, inner, both] = (await idsOf(['a', ' a', 'a a'])) as [number[], number[], number[]];
  return String(alone) !== String(inner) && String(both) === String([...alone, ...inner]);
}
