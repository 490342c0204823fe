import { z } from 'zod';
import { fullSchema } from './full.js';
import { loraSchema } from './lora.js';
import { qloraSchema } from './qlora.js';

export type { FullSpec } from './full.js';
export type { LoraSpec } from './lora.js';
export type { MethodSchema } from './method-schema.js';
export type { QloraSpec } from './qlora.js';

/** By `method.type`: a new method is one line here and one in the table of @temper/methods. The first is the default. */
export const methodSchemas = { lora: loraSchema, qlora: qloraSchema, full: fullSchema } as const;
export type MethodType = keyof typeof methodSchemas;

/** Of any method: the folder or source of an adapter to start from. */
export const initFromOf = (spec: MethodSpec): string | undefined =>
  'initFrom' in spec ? spec.initFrom : undefined;

/** The method of a published model, from what is kept beside it. @throws ZodError where it is no method's */
export const readMethodSpec = (kept: unknown): MethodSpec => methodSchema.parse(kept);

export const methodSchema = z
  .discriminatedUnion('type', [loraSchema.schema, qloraSchema.schema, fullSchema.schema])
  .prefault({ type: 'lora' });
export type MethodSpec = z.output<typeof methodSchema>;
/** The spec of one method. */
export type SpecOf<T extends MethodType> = Extract<MethodSpec, { type: T }>;

/** `2e-4 for LoRA, 2e-5 for full fine-tuning` */
export const learningRateWords: string = Object.values(methodSchemas)
  .map(({ learningRate, words }) => `${learningRate.toExponential()} for ${words}`)
  .join(', ');
