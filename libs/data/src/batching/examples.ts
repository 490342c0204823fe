import type { TokenizedSplit } from '@temper/contracts';

type Rows = Pick<TokenizedSplit, 'offsets' | 'sequencesPerExample'>;

export const examplesOf = ({ offsets, sequencesPerExample = 1 }: Rows): number =>
  (offsets.length - 1) / sequencesPerExample;

/** The sequences of examples, example after example. */
export function sequencesOf(
  { sequencesPerExample: n = 1 }: Rows,
  examples: ArrayLike<number>,
): ArrayLike<number> {
  if (n === 1) return examples;
  return Int32Array.from(
    { length: n * examples.length },
    (_, i) => n * examples[Math.floor(i / n)]! + (i % n),
  );
}

/** Tokens of an example's longest sequence, which a batch is padded to. */
export function longestOf({ offsets, sequencesPerExample: n = 1 }: Rows, example: number): number {
  let longest = 0;
  for (let i = n * example; i < n * (example + 1); i++)
    longest = Math.max(longest, offsets[i + 1]! - offsets[i]!);
  return longest;
}
