import type { TokenizedSplit } from '@temper/contracts';
import { describe, expect, test } from 'vitest';
import { SplitBuilder } from '../tokens/split-builder.js';
import { TokenLists } from '../tokens/split-numbers.js';
import { epochPlan, evaluationPlan } from './epoch-plan.js';
import { examplesOf, longestOf } from './examples.js';
import { countedIn } from './label-kinds.js';
import { makeBatch } from './make-batch.js';

/** Example i has an answer of i + 1 tokens that is chosen, and one of 2·i + 1 that is not, each behind a prompt that is not learnt. */
function pairs(examples: number): TokenizedSplit {
  const lists = new TokenLists();
  const builder = new SplitBuilder('token', 100, lists);
  const answer = (i: number, length: number) => {
    const learnt = Array.from({ length }, (_, t) => 100 * (i + 1) + t);
    return { inputIds: [1, 2, ...learnt], labels: [-100, -100, ...learnt] };
  };
  for (let i = 0; i < examples; i++) builder.addTokens([answer(i, i + 1), answer(i, 2 * i + 1)]);
  expect(builder.statistics).toMatchObject({ examples, longest: 2 * examples + 1 });
  return lists.split('token', 2);
}

describe('examples of two sequences', () => {
  test('are counted, measured and planned as one', () => {
    const split = pairs(5);
    expect(examplesOf(split)).toBe(5);
    expect(longestOf(split, 3)).toBe(9);
    expect(countedIn(split, 3)).toBe(4 + 7);
    expect([...evaluationPlan(split, 2)].map((batch) => [...batch])).toEqual([[4, 3], [2, 1], [0]]);
    for (const groupByLength of [false, true]) {
      const plan = epochPlan({ split, batchSize: 2, seed: 1, epoch: 0, shuffle: true, groupByLength });
      expect(plan.flatMap((batch) => [...batch]).sort()).toEqual([0, 1, 2, 3, 4]);
    }
  });

  test('lie in a batch sequence after sequence, with the row of each label', () => {
    expect(makeBatch(pairs(3), [2, 0], { padTokenId: 0 })).toMatchObject({
      ...{ batchSize: 4, sequenceLength: 7, tokens: 5 + 7 + 3 + 3, counted: 10 },
      labels: Int32Array.from([300, 301, 302, 300, 301, 302, 303, 304, 100, 100]),
      labelRows: Int32Array.from([0, 0, 0, 1, 1, 1, 1, 1, 2, 3]),
      labelCounts: Int32Array.from([3, 5, 1, 1]),
      labelPositions: Int32Array.from([1, 2, 3, 6, 7, 8, 9, 10, 13, 16]),
    });
  });

  test('have one value', () => {
    const lists = new TokenLists();
    const builder = new SplitBuilder('value', 100, lists);
    const bits = (value: number) => new Int32Array(Float32Array.of(value).buffer)[0]!;
    builder.addSequences([[1, 2, 3], [4]], [bits(0.5)], false);
    builder.addSequences([[5], [6, 7]], [bits(0.25)], false);
    expect(makeBatch(lists.split('value', 2), [1, 0], { padTokenId: 0 })).toMatchObject({
      ...{ batchSize: 4, counted: 2, labels: Float32Array.of(0.25, 0.5) },
      inputIds: Int32Array.from([5, 0, 0, 6, 7, 0, 1, 2, 3, 4, 0, 0]),
    });
  });

  test('are left out where nothing counts in one of them', () => {
    const lists = new TokenLists();
    const builder = new SplitBuilder('token', 3, lists);
    const counted = { inputIds: [1, 2], labels: [-100, 2] };
    expect(builder.addTokens([counted, { inputIds: [1, 2, 3, 4], labels: [-100, -100, -100, 4] }])).toBe(
      false,
    );
    expect(builder.addTokens([counted, counted])).toBe(true);
    expect(examplesOf(lists.split('token', 2))).toBe(1);
  });
});
