import { z } from 'zod';
import { adapterSchema, initFrom, moduleNames, targetModules, type MethodSchema } from './method-schema.js';

/** PEFT's IA3Config, in camelCase. */
const schema = adapterSchema({
  type: z.literal('ia3'),
  targetModules: targetModules.describe(
    'modules whose products are scaled: ends of names, one regular expression, or all-linear; default: keys, values and the second product of the MLP',
  ),
  feedforwardModules: moduleNames
    .optional()
    .describe(
      'of these, ends of names of those whose input is scaled; default: the second product of the MLP',
    ),
  modulesToSave: moduleNames
    .optional()
    .describe('ends of names of modules that are trained whole; the head of a classifier always is'),
  initFrom,
});

export const ia3Schema = { schema, learningRate: 5e-3, words: 'IA³' } satisfies MethodSchema;
export type Ia3Spec = z.output<typeof schema>;
