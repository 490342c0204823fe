import { z } from 'zod';
import { loraFields } from './lora.js';
import { adapterSchema, initFrom, soft, type MethodSchema } from './method-schema.js';

const { targetModules, excludeModules, layersToTransform, rankPattern, alphaPattern, modulesToSave } =
  loraFields;

/** PEFT's LoHaConfig, in camelCase. */
const schema = adapterSchema({
  type: z.literal('loha'),
  r: soft(
    z.int().positive().max(65_536),
    8,
    'rank of each of the two factors: that of the update is up to r²',
  ),
  alpha: soft(z.number().positive(), 8, 'the update is scaled by alpha / r'),
  ...{ targetModules, excludeModules, layersToTransform, rankPattern, alphaPattern, modulesToSave },
  initFrom,
});

export const lohaSchema = { schema, learningRate: 1e-3, words: 'LoHa' } satisfies MethodSchema;
export type LohaSpec = z.output<typeof schema>;
