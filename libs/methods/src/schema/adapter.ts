import { z } from 'zod';
import { adapterSchema, initFrom, soft, type MethodSchema } from './method-schema.js';

export const nonLinearities = ['relu', 'gelu', 'gelu_new', 'silu', 'swish', 'tanh'] as const;

/** Names as in AdapterHub's BnConfig. */
const schema = adapterSchema({
  type: z.literal('adapter'),
  style: soft(
    z.enum(['houlsby', 'pfeiffer']),
    'pfeiffer',
    'houlsby: one bottleneck behind attention and one behind the MLP of each layer; pfeiffer: behind the MLP alone',
  ),
  reductionFactor: soft(z.number().min(1), 16, 'width of the model divided by that of the bottleneck'),
  nonLinearity: z
    .enum(nonLinearities)
    .optional()
    .describe('between its two products; default silu for houlsby, relu for pfeiffer'),
  initFrom,
});

export const adapterMethodSchema = {
  schema,
  learningRate: 1e-4,
  words: 'bottleneck adapters',
} satisfies MethodSchema;
export type AdapterSpec = z.output<typeof schema>;
