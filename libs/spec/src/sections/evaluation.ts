import { gateWords, writtenWords } from '@temper/tasks/schema';
import { z } from 'zod';
import { positiveInteger } from './numbers.js';

export const evaluation = z
  .strictObject({
    metrics: z
      .array(z.string().min(1))
      .optional()
      .describe(
        `shown first in reports; all are computed, but for ${writtenWords}, for which texts are generated where one of them is named here or in the gate`,
      ),
    maxNewTokens: positiveInteger
      .optional()
      .describe('tokens of a generated text, where some are generated; default 256'),
    generationRows: positiveInteger
      .optional()
      .describe('test rows for which texts are generated, at most; default 200, the same in every run'),
    gate: z
      .union([
        z.literal('none'),
        z.record(z.string(), z.strictObject({ min: z.number().optional(), max: z.number().optional() })),
      ])
      .optional()
      .describe(
        `a test metric outside its bounds refuses the publication; so does a model that collapsed or is worse than its base, unless \`none\`; default ${gateWords}`,
      ),
  })
  .prefault({});
