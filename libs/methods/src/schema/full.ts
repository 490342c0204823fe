import { z } from 'zod';
import type { MethodSchema } from './method-schema.js';

const schema = z.strictObject({ type: z.literal('full') });

export const fullSchema = { schema, learningRate: 2e-5, words: 'full fine-tuning' } satisfies MethodSchema;
export type FullSpec = z.output<typeof schema>;
