import { z } from 'zod';
import {
  adapterSchema,
  initFrom,
  moduleNames,
  soft,
  targetModules,
  type MethodSchema,
} from './method-schema.js';

/** No model has layers that are wider, and an update has no greater rank than its layer. */
const rank = z.int().positive().max(65_536);

/** PEFT's LoraConfig, in camelCase. */
export const loraFields = {
  r: soft(rank, 8, 'rank of the update'),
  alpha: soft(z.number().positive(), 16, 'the update is scaled by alpha / r'),
  dropout: soft(z.number().min(0).lt(1), 0, 'on the input of the adapter'),
  targetModules: targetModules.describe(
    'ends of module names, one regular expression that is the whole name, or all-linear (all but the head), as in PEFT; default: the attention query and value projections',
  ),
  excludeModules: z
    .union([moduleNames, z.string().min(1)])
    .optional()
    .describe('of targetModules those that are left as they are: ends of names, or one regular expression'),
  layersToTransform: z
    .array(z.int().min(0))
    .min(1)
    .optional()
    .describe('numbers of the layers whose modules are changed; default: all'),
  rankPattern: z
    .record(z.string().min(1), rank)
    .optional()
    .describe('r of the modules whose name ends as the key says, a name or a regular expression'),
  alphaPattern: z
    .record(z.string().min(1), z.number().positive())
    .optional()
    .describe('alpha of such modules'),
  useRslora: z
    .boolean()
    .optional()
    .describe('scale by alpha / √r instead (rank-stabilised LoRA); default false'),
  useDora: z
    .boolean()
    .optional()
    .describe('train the length of each row of the weights apart from its direction (DoRA); default false'),
  loraPlusRatio: z
    .number()
    .positive()
    .optional()
    .describe('learning rate of B as a multiple of that of A (LoRA+); default 1; of linear modules alone'),
  modulesToSave: moduleNames
    .optional()
    .describe('ends of names of modules that are trained whole; the head of a classifier always is'),
  initFrom,
};

// Optional inside, so that a method without a type is taken for this one.
const schema = adapterSchema({ type: z.literal('lora').optional().default('lora'), ...loraFields });

export const loraSchema = { schema, learningRate: 2e-4, words: 'LoRA' } satisfies MethodSchema;
export type LoraSpec = z.output<typeof schema>;
/** What LoRA and QLoRA have in common. */
export type LoraFields = Omit<LoraSpec, 'type'>;
