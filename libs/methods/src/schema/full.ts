import { z } from 'zod';
import { moduleNames, type MethodSchema } from './method-schema.js';

const schema = z.strictObject({
  type: z.literal('full'),
  freeze: moduleNames
    .optional()
    .describe('regular expressions: weights whose names hold one of them stay as they are'),
  layerDecay: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe('learning rate of a layer as a multiple of the next one’s; default 1'),
});

export const fullSchema = {
  schema,
  learningRate: 2e-5,
  words: 'full fine-tuning',
  fixedPrecision: 'trains the weights of the base, in fp32',
} satisfies MethodSchema;
export type FullSpec = z.output<typeof schema>;
