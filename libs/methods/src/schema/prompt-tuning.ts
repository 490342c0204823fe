import { z } from 'zod';
import { adapterSchema, initFrom, soft, type MethodSchema } from './method-schema.js';

/** PEFT's PromptTuningConfig, in camelCase. */
const schema = adapterSchema({
  type: z.literal('prompt-tuning'),
  numVirtualTokens: soft(z.int().positive().max(4096), 20, 'rows that are trained, in front of each example'),
  init: z
    .enum(['random', 'vocabulary', 'text'])
    .optional()
    .describe(
      'first values: normal, rows of the vocabulary drawn from the seed, or those of initText; default vocabulary, with initText text',
    ),
  initText: z.string().min(1).optional().describe('cut, or repeated, to numVirtualTokens'),
  initFrom,
});

export const promptTuningSchema = {
  schema,
  learningRate: 1e-3,
  words: 'prompt tuning',
} satisfies MethodSchema;
export type PromptTuningSpec = z.output<typeof schema>;
