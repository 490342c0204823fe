import { z } from 'zod';
import type { MethodSchema } from './method-schema.js';

/** PEFT's LoraConfig, in camelCase. */
export const loraFields = {
  r: z.int().positive().default(8).describe('rank of the update'),
  alpha: z.number().positive().default(16).describe('the update is scaled by alpha / r'),
  dropout: z.number().min(0).lt(1).default(0).describe('on the input of the adapter'),
  targetModules: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('ends of module names, as in PEFT; default: the attention query and value projections'),
  initFrom: z.string().min(1).optional().describe('folder of an existing PEFT adapter to start from'),
};

// Optional inside, so that a method without a type is taken for this one.
const schema = z.strictObject({ type: z.literal('lora').optional().default('lora'), ...loraFields });

export const loraSchema = { schema, learningRate: 2e-4, words: 'LoRA' } satisfies MethodSchema;
export type LoraSpec = z.output<typeof schema>;
