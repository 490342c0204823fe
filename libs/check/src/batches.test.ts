import { parsePipelineSpec } from '@temper/spec';
import { expect, it } from 'vitest';
import { checkBatches } from './batches.js';

const told = (columns: Record<string, string>, gradientAccumulationSteps: number) =>
  checkBatches(
    parsePipelineSpec({
      ...{ name: 'x', model: { base: 'm' }, dataset: { train: 'rows.jsonl', columns } },
      training: { trainBatchSize: 8, gradientAccumulationSteps },
    }),
  );

it('tells that examples of accumulated batches are not compared, where a loss compares them', () => {
  const pairs = { anchor: 'question', positive: 'answer' };
  expect(told(pairs, 4)).toEqual([expect.stringContaining('raise training.trainBatchSize to 32')]);
  expect(told(pairs, 1)).toEqual([]);
  expect(told({ sentence1: 'a', sentence2: 'b', score: 'c' }, 4)).toEqual([]);
});
