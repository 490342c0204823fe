import { IGNORED_LABEL, type TokenizedSplit } from '@temper/contracts';
import { expect, it } from 'vitest';
import { promptedExamples } from './prompts.js';

/** Rows of tokens 10, 11 …, of which those at `counted` are learnt. */
function splitOf(
  ...rows: readonly { readonly length: number; readonly counted: readonly number[] }[]
): TokenizedSplit {
  const ids = rows.map(({ length }) => Array.from({ length }, (_, t) => 10 + t));
  const labels = rows.map(({ counted }, i) =>
    ids[i]!.map((id, t) => (counted.includes(t) ? id : IGNORED_LABEL)),
  );
  const offsets = [0];
  for (const { length } of rows) offsets.push(offsets.at(-1)! + length);
  return {
    labelKind: 'token',
    inputIds: Int32Array.from(ids.flat()),
    labels: Int32Array.from(labels.flat()),
    offsets: Int32Array.from(offsets),
  };
}

it('cuts an example where its first answer begins, and ends that where it ends', () => {
  const split = splitOf({ length: 4, counted: [2, 3] }, { length: 7, counted: [1, 2, 5, 6] });
  expect(promptedExamples(split, 9)).toEqual([
    { row: 0, prompt: [10, 11], answer: [12, 13] },
    { row: 1, prompt: [10], answer: [11, 12] },
  ]);
});

it('leaves out what has no prompt, or nothing that counts', () => {
  const split = splitOf(
    { length: 2, counted: [0, 1] },
    { length: 2, counted: [] },
    { length: 2, counted: [1] },
  );
  expect(promptedExamples(split, 9).map(({ row }) => row)).toEqual([2]);
});

it('chooses the same rows each time, in their order, and not the first ones alone', () => {
  const split = splitOf(...Array.from({ length: 50 }, () => ({ length: 2, counted: [1] })));
  const chosen = promptedExamples(split, 10).map(({ row }) => row);
  expect(chosen).toHaveLength(10);
  expect(new Set(chosen).size).toBe(10);
  expect(chosen).toEqual(chosen.toSorted((a, b) => a - b));
  expect(Math.max(...chosen)).toBeGreaterThan(9);
  expect(promptedExamples(split, 10).map(({ row }) => row)).toEqual(chosen);
});
