import { methodSchemas, type MethodType } from '@temper/methods/schema';
import { optimizerNames, scheduleNames, scheduleOf } from '@temper/optimizers';
import type { PipelineSpecInput } from '@temper/spec';
import { lossSchemas, taskSchemas, type Columns, type TaskKey, type TaskSchema } from '@temper/tasks/schema';
import { z } from 'zod';

type Training = NonNullable<PipelineSpecInput['training']>;
export type MethodInput = Readonly<Record<string, unknown>> & { readonly type: MethodType };

/** One way in which something can be asked for, by its words. */
export interface Method {
  readonly name: string;
  readonly method: MethodInput;
}
export interface TaskVariant {
  readonly name: string;
  readonly key: TaskKey;
  readonly columns: Columns;
  readonly training: Training;
  readonly tokenize: NonNullable<PipelineSpecInput['tokenize']>;
  /** Of the base model. */
  readonly dropout: number;
}
export interface Setting {
  readonly name: string;
  readonly training: Training;
}

/** What a schema alone cannot say: texts, patterns and numbers that change what is trained. */
const further: Readonly<Partial<Record<MethodType, readonly object[]>>> = {
  full: [{ freeze: ['embed', 'word_embeddings'] }, { layerDecay: 0.5 }],
  lora: [
    { dropout: 0.2 },
    { loraPlusRatio: 4 },
    { targetModules: 'all-linear', useDora: true, useRslora: true, dropout: 0.1 },
  ],
  vera: [{ targetModules: 'all-linear', dropout: 0.1 }],
  qlora: [{ targetModules: 'all-linear', doubleQuantization: true, dropout: 0.1 }],
  'prompt-tuning': [{ initText: 'w5 w6 w7' }],
  'prefix-tuning': [{ projection: true, encoderHiddenSize: 12 }],
};

/** As few as their examples have tokens. */
const small: Readonly<Record<string, number>> = { numVirtualTokens: 3, r: 4 };

const inWords = (settings: object): string[] =>
  Object.entries(settings).map(([field, value]) => `${field} ${String(value)}`);

/** Each method as it is, with each switch that its schema has, with each word of its choices, and with what is listed above. */
export const methods: readonly Method[] = Object.entries(methodSchemas).flatMap(([name, { schema }]) => {
  const type = name as MethodType;
  const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
  const sizes = Object.fromEntries(Object.entries(small).filter(([field]) => field in shape));
  const switched = Object.entries(shape).flatMap(([field, each]) =>
    choicesOf(each).map((value) => ({ [field]: value })),
  );
  return [{}, ...switched, ...(further[type] ?? [])].map((settings) => ({
    name: [type, ...inWords(settings)].join(' '),
    method: { type, ...sizes, ...settings },
  }));
});

/** Of a switch: on; of a choice of words: each. */
function choicesOf(field: z.ZodType): readonly unknown[] {
  const inner = field instanceof z.ZodOptional || field instanceof z.ZodDefault ? field.unwrap() : field;
  if (inner instanceof z.ZodOptional) return choicesOf(inner);
  if (inner instanceof z.ZodBoolean) return [true];
  if (!(inner instanceof z.ZodEnum)) return [];
  // A choice that needs another field beside it is among the further ones.
  return inner.options.filter((option) => option !== 'text');
}

/** Of each setting that a loss can have, values that change it. */
const lossSettings: {
  readonly [S in (typeof lossSchemas)[keyof typeof lossSchemas]['settings'][number]]: readonly unknown[];
} = {
  labelSmoothing: [0.2],
  classWeights: ['balanced'],
  focalGamma: [1],
  beta: [0.3],
};

/** Each task with each of its losses and their settings, packed where it can be, and with dropout in the model. */
export const tasks: readonly TaskVariant[] = Object.entries(taskSchemas).flatMap(([name, schema]) => {
  const task: TaskSchema = schema;
  const key = name as TaskKey;
  const usual = { key, columns: task.defaultColumns, training: {}, tokenize: {}, dropout: 0 };
  const losses = task.losses.flatMap((loss) => {
    const settings = lossSchemas[loss].settings
      .filter((setting) => setting !== 'classWeights' || task.hasClasses)
      .flatMap((setting) => lossSettings[setting].map((value) => ({ [setting]: value })));
    return [...(loss === task.losses[0] ? [] : [{}]), ...settings].map((more) => ({
      ...usual,
      name: [name, loss, ...inWords(more)].join(' '),
      training: { loss, ...more },
    }));
  });
  const packed = { ...usual, name: `${name} packed`, tokenize: { packing: true, maxLength: 32 } };
  return [
    { ...usual, name },
    ...losses,
    ...(task.canBePacked ? [packed] : []),
    { ...usual, name: `${name} dropout`, dropout: 0.1 },
  ];
});

export const optimizers: readonly Setting[] = optimizerNames.map((optimizer) => ({
  name: optimizer,
  training: { optimizer },
}));

/** Any evaluation is a plateau of those schedules that watch them. */
export const schedules: readonly Setting[] = scheduleNames.map((scheduler) => ({
  name: scheduler,
  training: {
    scheduler,
    ...(scheduleOf(scheduler).evaluated ? { schedulerSettings: { patience: 0, threshold: 0.5 } } : {}),
    // It wants one of two, and so has no default.
    ...(scheduler === 'cosine_with_min_lr' ? { schedulerSettings: { minLrRate: 0.1 } } : {}),
  },
}));
