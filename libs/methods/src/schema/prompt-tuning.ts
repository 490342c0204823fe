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
}).superRefine(({ init, initText, initFrom: start }, context) => {
  if (start === undefined) return;
  for (const [field, value] of Object.entries({ init, initText }))
    if (value !== undefined)
      context.addIssue({
        code: 'custom',
        path: [field],
        message: 'an adapter to start from has its rows already',
        params: { allowed: 'initFrom, or this' },
      });
});

export const promptTuningSchema = {
  schema,
  learningRate: 1e-3,
  words: 'prompt tuning',
  takesPositions: true,
} satisfies MethodSchema;
export type PromptTuningSpec = z.output<typeof schema>;
