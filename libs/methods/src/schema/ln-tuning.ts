import { z } from 'zod';
import { adapterSchema, initFrom, moduleNames, targetModules, type MethodSchema } from './method-schema.js';

/** PEFT's LNTuningConfig, in camelCase. */
const schema = adapterSchema({
  type: z.literal('ln-tuning'),
  targetModules: targetModules.describe(
    'norms that are trained: ends of names, or one regular expression; default: every norm before the head',
  ),
  modulesToSave: moduleNames
    .optional()
    .describe('ends of names of modules that are trained whole; the head of a classifier always is'),
  initFrom,
});

export const lnTuningSchema = {
  schema,
  learningRate: 1e-3,
  words: 'LN tuning',
} satisfies MethodSchema;
export type LnTuningSpec = z.output<typeof schema>;
