import type { Encoding, Tokenizer as RustTokenizer } from '@anush008/tokenizers';

/**
 * The tokens of texts that are given in parts, by part; no special tokens are added. They are the tokens of the whole
 * text, as transformers makes them, wherever a token begins where each part does. Where one lies across (an answer that
 * begins with a space), the parts are tokenised one by one, which is what a model sees when it goes on from a prompt.
 */
export async function encodeParts(
  rust: RustTokenizer,
  texts: readonly (readonly string[])[],
): Promise<number[][][]> {
  const options = { addSpecialTokens: false };
  const wholes: Encoding[] = await rust.encodeBatch(
    texts.map((parts) => parts.join('')),
    options,
  );
  const divided = wholes.map((whole, i) => divide(whole, texts[i]!));
  const apart = divided.flatMap((parts, i) => (parts ? [] : [i]));
  const pieces: Encoding[] = await rust.encodeBatch(
    apart.flatMap((i) => texts[i]!),
    options,
  );
  let at = 0;
  for (const i of apart) divided[i] = texts[i]!.map(() => pieces[at++]!.getIds());
  return divided as number[][][];
}

/** The ids by part; undefined where a part does not begin with a token. */
function divide(whole: Encoding, parts: readonly string[]): number[][] | undefined {
  const ids = whole.getIds();
  const starts = [0];
  let character = 0;
  for (const part of parts.slice(0, -1)) {
    character += codePoints(part);
    const token = whole.charToToken(character, 0);
    if (token === null || whole.charToToken(character - 1, 0) === token) return undefined;
    starts.push(token);
  }
  return starts.map((start, i) => ids.slice(start, starts[i + 1]));
}

/** Offsets of the Rust code count these, JavaScript's lengths UTF-16 units. */
const codePoints = (text: string) =>
  text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
