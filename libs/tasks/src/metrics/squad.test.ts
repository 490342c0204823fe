import { expect, it } from 'vitest';
import goldens from '../../goldens/spans.json' with { type: 'json' };
import { bestSpan, spanText } from './spans.js';
import { squadScores } from './squad.js';

it.each(goldens)(
  "has the official script's scores of «$said» for $answers",
  ({ said, answers, ...scores }) => {
    const found = squadScores(said, answers);
    expect(found.exactMatch).toBe(scores.exactMatch);
    expect(found.f1).toBeCloseTo(scores.f1, 12);
  },
);

/** [tokens, 2] that are 0 but for these. */
function logits(tokens: number, high: readonly (readonly [token: number, side: 0 | 1, value: number])[]) {
  const values = new Float32Array(2 * tokens);
  for (const [token, side, value] of high) values[2 * token + side] = value;
  return values;
}

/** [CLS] q [SEP] one two three [SEP] */
const passage = { text: 'one two three', first: 3, starts: [0, 4, 8], ends: [3, 7, 13] };

it('finds the stretch of the passage with the largest sum, none where the first token has a larger one', () => {
  const found = (...high: Parameters<typeof logits>[1][number][]) => bestSpan(logits(7, high), passage);
  expect(found([4, 0, 2], [5, 1, 2])).toEqual([4, 5]);
  expect(spanText(passage, [4, 5])).toBe('two three');
  // Neither in the question, nor the wrong way round.
  expect(found([1, 0, 9], [1, 1, 9], [5, 0, 3], [3, 1, 2])).toEqual([5, 5]);
  expect(found([0, 0, 2], [0, 1, 3], [4, 0, 2], [4, 1, 2])).toEqual([0, 0]);
  expect(spanText(passage, [0, 0])).toBe('');
});

it('is of 30 tokens at most', () => {
  const starts = Array.from({ length: 40 }, (_, i) => i);
  const long = { text: '', first: 1, starts, ends: starts };
  expect(
    bestSpan(
      logits(41, [
        [1, 0, 5],
        [31, 1, 5],
        [30, 1, 4],
      ]),
      long,
    ),
  ).toEqual([1, 30]);
});
