import { IGNORED_LABEL } from '@temper/contracts';
import type { Segment } from './segments.js';
import type { LocalTokenizer } from './local-tokenizer.js';

export interface LabelledTokens {
  readonly inputIds: readonly number[];
  /** The token itself where it is counted, else −100. */
  readonly labels: readonly number[];
}

/** The tokens of texts in segments, with labels for the counted ones; no special tokens are added. */
export async function encodeSegments(
  tokenizer: Pick<LocalTokenizer, 'encodeParts'>,
  texts: readonly (readonly Segment[])[],
): Promise<LabelledTokens[]> {
  const encoded = await tokenizer.encodeParts(texts.map((segments) => segments.map(({ text }) => text)));
  return encoded.map((parts, i) => ({
    inputIds: parts.flat(),
    labels: parts.flatMap((ids, s) => (texts[i]![s]!.counted ? ids : ids.map(() => IGNORED_LABEL))),
  }));
}
