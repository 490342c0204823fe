import { expect, it } from 'vitest';
import { judge, ratioOf, type Round } from './verdict.js';

const rounds = (factor: number): Round[] =>
  [10, 12, 90, 11, 10].map((ms) => ({ before: [ms, ms + 1, ms], now: [ms * factor, ms * factor, 1000] }));

it('compares medians within rounds, so that neither one slow run nor one slow round counts', () => {
  expect(ratioOf(rounds(1))).toBe(1);
  expect(ratioOf(rounds(1.3))).toBeCloseTo(1.3, 10);
});

it.each([
  [[1.1], true],
  [[1.3, 1.2], true],
  [[1.3, 1.26], false],
])('measured as %o passes: %s', async (factors, ok) => {
  const left = [...factors];
  const judged = await judge(() => Promise.resolve(rounds(left.shift()!)));
  expect(judged.ok).toBe(ok);
  expect(judged.ratios.map((ratio) => Number(ratio.toFixed(6)))).toEqual(factors);
  expect(left).toEqual([]);
});
