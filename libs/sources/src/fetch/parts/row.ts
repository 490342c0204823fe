import { unusable } from '../../not-found.js';

/** One may call a lot of packages into being; a model has some tens of parts. */
const MOST_PARTS = 1_000;

/**
 * The parts in the order of their numbers, which begin with 0 or 1 and leave none out.
 * @throws TemperError MODEL_CORRUPT for a gap or two of a number; SOURCE_REFUSED for more than 1,000
 */
export function inRow<T extends { readonly number: number }>(
  parts: readonly T[],
  nameOf: (part: T) => string,
  uri: string,
): T[] {
  if (parts.length > MOST_PARTS)
    throw unusable(uri, 'too many parts', [`${parts.length}`], `${MOST_PARTS} at most`, 'SOURCE_REFUSED');
  const sorted = [...parts].sort((a, b) => a.number - b.number);
  const first = sorted[0]?.number === 0 ? 0 : 1;
  const wrong = sorted.findIndex(({ number }, index) => number !== first + index);
  if (wrong < 0) return sorted;
  const twice = sorted[wrong]!.number === sorted[wrong - 1]?.number;
  const message = twice
    ? `there are two parts of the number ${sorted[wrong]!.number}`
    : `part ${first + wrong} is missing`;
  const hint = 'the numbers of parts begin with 0 or 1 and leave none out';
  throw unusable(uri, message, sorted.map(nameOf), hint, 'MODEL_CORRUPT');
}
