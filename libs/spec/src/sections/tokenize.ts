import { z } from 'zod';
import { positiveInteger } from './numbers.js';

export const tokenize = z
  .strictObject({
    maxLength: positiveInteger.default(512).describe('in tokens; longer examples are truncated'),
    packing: z
      .boolean()
      .default(false)
      .describe(
        'several examples in one sequence of maxLength, each of which sees itself alone; trainBatchSize counts sequences',
      ),
  })
  .prefault({});
