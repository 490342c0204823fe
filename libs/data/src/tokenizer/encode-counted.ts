import type { Tokenizer as RustTokenizer } from '@anush008/tokenizers';
import { IGNORED_LABEL } from '@temper/contracts';
import type { Range } from './chat/answers.js';
import type { LabelledTokens } from './encode-segments.js';

/** A text and the stretches of it, in UTF-16 units, that are learnt. */
export interface CountedText {
  readonly text: string;
  readonly counted: readonly Range[];
}

/**
 * The tokens of whole texts, as transformers makes them; no special tokens are added. Counted are those that have a
 * character of a counted stretch, as in transformers' assistant mask.
 */
export async function encodeCounted(
  rust: RustTokenizer,
  texts: readonly CountedText[],
): Promise<LabelledTokens[]> {
  const encodings = await rust.encodeBatch(
    texts.map(({ text }) => text),
    { addSpecialTokens: false },
  );
  return encodings.map((encoding, i) => {
    const inputIds = encoding.getIds();
    const ranges = inCodePoints(texts[i]!);
    const offsets = ranges.length ? encoding.getOffsets() : [];
    let at = 0;
    const labels = inputIds.map((id, t) => {
      const [from = 0, to = 0] = offsets[t] ?? [];
      while (at < ranges.length && ranges[at]![1] <= from) at++;
      const range = ranges[at];
      return range && from < to && to > range[0] ? id : IGNORED_LABEL;
    });
    return { inputIds, labels };
  });
}

/** Offsets of the Rust code count code points, JavaScript's lengths UTF-16 units. */
function inCodePoints({ text, counted }: CountedText): Range[] {
  let [units, points] = [0, 0];
  const pointAt = (place: number) => {
    points += text.slice(units, place).replace(/[\ud800-\udbff][\udc00-\udfff]/g, '.').length;
    units = place;
    return points;
  };
  return counted.map(([start, end]) => [pointAt(start), pointAt(end)]);
}
