import { z } from 'zod';
import { adapterSchema, initFrom, soft, type MethodSchema } from './method-schema.js';

export const nonLinearities = ['relu', 'gelu', 'silu', 'tanh'] as const;

/** Names as in AdapterHub's BnConfig. */
const schema = adapterSchema({
  type: z.literal('adapter'),
  style: soft(
    z.enum(['houlsby', 'pfeiffer']),
    'pfeiffer',
    'houlsby: one bottleneck behind attention and one behind the MLP of each layer; pfeiffer: behind the MLP alone',
  ),
  reductionFactor: soft(z.number().min(1), 16, 'width of the model divided by that of the bottleneck'),
  nonLinearity: soft(z.enum(nonLinearities), 'relu', 'between its two products'),
  initFrom,
});

export const adapterMethodSchema = {
  schema,
  learningRate: 1e-4,
  words: 'bottleneck adapters',
} satisfies MethodSchema;
export type AdapterSpec = z.output<typeof schema>;
