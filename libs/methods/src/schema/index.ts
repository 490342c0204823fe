import { z } from 'zod';
import { adapterMethodSchema } from './adapter.js';
import { fullSchema } from './full.js';
import { ia3Schema } from './ia3.js';
import { lnTuningSchema } from './ln-tuning.js';
import { lohaSchema } from './loha.js';
import { loraSchema } from './lora.js';
import type { MethodSchema } from './method-schema.js';
import { prefixTuningSchema } from './prefix-tuning.js';
import { promptTuningSchema } from './prompt-tuning.js';
import { qloraSchema } from './qlora.js';
import { veraSchema } from './vera.js';

export type { AdapterSpec } from './adapter.js';
export type { FullSpec } from './full.js';
export type { Ia3Spec } from './ia3.js';
export type { LnTuningSpec } from './ln-tuning.js';
export type { LohaSpec } from './loha.js';
export type { LoraSpec } from './lora.js';
export type { MethodSchema } from './method-schema.js';
export type { PrefixTuningSpec } from './prefix-tuning.js';
export type { PromptTuningSpec } from './prompt-tuning.js';
export type { QloraSpec } from './qlora.js';
export type { VeraSpec } from './vera.js';

/** By `method.type`: a new method is one line here and one in the table of @temper/methods. The first is the default. */
export const methodSchemas = {
  lora: loraSchema,
  qlora: qloraSchema,
  full: fullSchema,
  ia3: ia3Schema,
  'ln-tuning': lnTuningSchema,
  loha: lohaSchema,
  vera: veraSchema,
  adapter: adapterMethodSchema,
  'prompt-tuning': promptTuningSchema,
  'prefix-tuning': prefixTuningSchema,
} as const;
export type MethodType = keyof typeof methodSchemas;

/** Whether several examples can share a sequence. */
export const canPack = ({ type }: Pick<MethodSpec, 'type'>): boolean => {
  const schema: MethodSchema = methodSchemas[type];
  return !schema.takesPositions;
};

/** In words, why frozen weights cannot be kept as `model.precision` says; undefined where they can. */
export const fixedPrecisionOf = ({ type }: Pick<MethodSpec, 'type'>): string | undefined => {
  const schema: MethodSchema = methodSchemas[type];
  return schema.fixedPrecision;
};

/** Of any method: the folder or source of an adapter to start from. */
export const initFromOf = (spec: MethodSpec): string | undefined =>
  'initFrom' in spec ? spec.initFrom : undefined;

/** Of any method: a text whose tokens its first values are made of. */
export const startTextOf = (spec: MethodSpec): string | undefined =>
  'initText' in spec && initFromOf(spec) === undefined ? spec.initText : undefined;

/** The method of a published model, from what is kept beside it. @throws ZodError where it is no method's */
export const readMethodSpec = (kept: unknown): MethodSpec => methodSchema.parse(kept);

type AnyMethod = (typeof methodSchemas)[MethodType]['schema'];
export const methodSchema = z
  .discriminatedUnion(
    'type',
    Object.values(methodSchemas).map(({ schema }) => schema) as [AnyMethod, ...AnyMethod[]],
  )
  .prefault({ type: 'lora' });
export type MethodSpec = z.output<typeof methodSchema>;
/** The spec of one method. */
export type SpecOf<T extends MethodType> = Extract<MethodSpec, { type: T }>;

/** `2e-4 for LoRA, 2e-5 for full fine-tuning` */
export const learningRateWords: string = Object.values(methodSchemas)
  .map(({ learningRate, words }) => `${learningRate.toExponential()} for ${words}`)
  .join(', ');
