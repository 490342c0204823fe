import { z } from 'zod';
import { loraFields } from './lora.js';
import { adapterSchema, initFrom, soft, type MethodSchema } from './method-schema.js';

const { targetModules, layersToTransform, modulesToSave } = loraFields;

/** PEFT's VeraConfig, in camelCase. */
const schema = adapterSchema({
  type: z.literal('vera'),
  r: soft(z.int().positive().max(65_536), 256, 'rank of the update: larger than one of LoRA'),
  dInitial: soft(z.number(), 0.1, 'first value of the vector between the two random matrices'),
  dropout: soft(z.number().min(0).lt(1), 0, 'on the input of the adapter'),
  projectionPrngKey: soft(
    z.int().min(0),
    0,
    'the random matrices follow from it (not as in PEFT, where PyTorch makes them); they are saved with the adapter',
  ),
  ...{ targetModules, layersToTransform, modulesToSave },
  initFrom,
});

export const veraSchema = { schema, learningRate: 4e-3, words: 'VeRA' } satisfies MethodSchema;
export type VeraSpec = z.output<typeof schema>;
