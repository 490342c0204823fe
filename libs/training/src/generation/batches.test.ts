import { expect, it } from 'vitest';
import { writingBatches } from './batches.js';

const example = (prompt: number, answer: number) => ({
  prompt: new Array<number>(prompt).fill(5),
  answer: new Array<number>(answer).fill(6),
});
const sizes = (batches: readonly number[][]) => batches.map(({ length }) => length);

it('puts texts of like length together, sixteen at most, each once', () => {
  const examples = Array.from({ length: 40 }, (_, i) => example(1 + ((i * 17) % 40), 2));
  const batches = writingBatches(examples, { maxNewTokens: 8, bytesPerToken: 1000 });
  expect(sizes(batches)).toEqual([16, 16, 8]);
  expect(batches.flat().map((i) => examples[i]!.prompt.length)).toEqual(examples.map((_, i) => i + 1));
});

it('takes fewer where prompts are long, or keys and values large, and one at least', () => {
  const long = Array.from({ length: 6 }, () => example(1500, 3));
  expect(sizes(writingBatches(long, { maxNewTokens: 8, bytesPerToken: 1000 }))).toEqual([2, 2, 2]);
  const short = Array.from({ length: 6 }, () => example(20, 3));
  const costs = { maxNewTokens: 1004, bytesPerToken: 2 ** 16 };
  expect(sizes(writingBatches(short, costs))).toEqual([4, 2]);
  expect(sizes(writingBatches(long.slice(0, 2), { ...costs, bytesPerToken: 2 ** 20 }))).toEqual([1, 1]);
});
