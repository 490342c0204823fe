import { source } from '@temper/contracts';
import { z } from 'zod';

/** A method's part of the pipeline spec. */
export interface MethodSchema {
  /** An object with `type`, the method's name. */
  readonly schema: z.ZodObject;
  /** Default of `training.learningRate`. */
  readonly learningRate: number;
  /** For people. */
  readonly words: string;
  /** It puts tokens in front of each example, so that several of them cannot share a sequence. */
  readonly takesPositions?: true;
  /** In words, why `model.precision` is not free to choose: the base is not frozen, or is kept in a way of the method's own. */
  readonly fixedPrecision?: string;
}

/** Of every method that makes an adapter. */
export const initFrom = source(
  'an existing PEFT adapter to start from: folder | s3://… | https://… | hf:ORG/NAME[@rev] | pypi:PACKAGE | npm:PACKAGE | model:NAME@ALIAS; what is not given here is as it says',
  { models: true },
).optional();

export const moduleNames = z.array(z.string().min(1)).min(1);

/** As PEFT takes them. */
export const targetModules = z.union([moduleNames, z.string().min(1)]).optional();

/** A field with a default, which what an adapter to start from says goes before. */
export const soft = <T extends z.ZodType>(field: T, value: z.output<T>, description: string) =>
  field.optional().meta({ description, default: value });

type Shape = Readonly<Record<string, z.ZodType>>;

/** The spec with the defaults of `soft` fields. */
function withDefaults(shape: Shape, spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(shape).map(
    ([name, field]) => [name, spec[name] ?? field.meta()?.default] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Fills in the defaults, unless there is an adapter to start from, which is read later. */
export const adapterSchema = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z
    .strictObject(shape)
    .overwrite((spec) =>
      'initFrom' in spec && spec.initFrom !== undefined
        ? spec
        : (withDefaults(shape as unknown as Shape, spec) as typeof spec),
    );

/** The spec with the defaults of what it leaves out; those named have one. */
export const completed = <S extends object, D extends keyof S>(
  { schema }: { readonly schema: { readonly shape: object } },
  spec: S,
  ..._fields: readonly D[]
): S & { readonly [K in D]-?: NonNullable<S[K]> } =>
  withDefaults(schema.shape as Shape, spec as Readonly<Record<string, unknown>>) as S & {
    readonly [K in D]-?: NonNullable<S[K]>;
  };
