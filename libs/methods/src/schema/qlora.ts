import { z } from 'zod';
import { loraFields } from './lora.js';
import { adapterSchema, type MethodSchema } from './method-schema.js';

const schema = adapterSchema({
  type: z.literal('qlora'),
  ...loraFields,
  doubleQuantization: z
    .boolean()
    .default(false)
    .describe('the scales of the 4-bit weights take 8 bits each, not 32'),
});

export const qloraSchema = {
  schema,
  learningRate: 2e-4,
  words: 'QLoRA',
  fixedPrecision: 'keeps the base in 4 bits',
} satisfies MethodSchema;
export type QloraSpec = z.output<typeof schema>;
