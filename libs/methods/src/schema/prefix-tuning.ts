import { z } from 'zod';
import { adapterSchema, initFrom, soft, type MethodSchema } from './method-schema.js';

/** PEFT's PrefixTuningConfig, in camelCase. */
const schema = adapterSchema({
  type: z.literal('prefix-tuning'),
  numVirtualTokens: soft(
    z.int().positive().max(4096),
    20,
    'keys and values that are trained for each layer, in front of each example',
  ),
  projection: z
    .boolean()
    .optional()
    .describe('make them by a network of two layers, which is left out of the adapter; default false'),
  encoderHiddenSize: z
    .int()
    .positive()
    .optional()
    .describe('width of that network; default: the width of the model'),
  initFrom,
});

export const prefixTuningSchema = {
  schema,
  learningRate: 1e-2,
  words: 'prefix tuning',
  takesPositions: true,
} satisfies MethodSchema;
export type PrefixTuningSpec = z.output<typeof schema>;
