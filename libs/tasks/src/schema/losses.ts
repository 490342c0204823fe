import type { Problem } from '@temper/contracts';
import { z } from 'zod';
import type { TaskSchema } from './task-schema.js';

/** Settings that a loss can have, beside its name. */
const settings = ['labelSmoothing', 'classWeights', 'focalGamma', 'beta'] as const;
type LossSetting = (typeof settings)[number];

interface LossSchema {
  readonly settings: readonly LossSetting[];
  /** Settings that must be smaller than what the spec's field allows. */
  readonly below?: Readonly<Partial<Record<LossSetting, number>>>;
  /** In other tools. */
  readonly alsoCalled?: readonly string[];
}

/** What a training can minimise. */
export const lossSchemas = {
  'cross-entropy': { settings: ['labelSmoothing', 'classWeights'] },
  focal: { settings: ['classWeights', 'focalGamma'] },
  'binary-cross-entropy': { settings: ['classWeights'] },
  'mean-squared-error': { settings: [] },
  'multiple-negatives-ranking': { settings: [] },
  cosine: { settings: [] },
  // From one half on it is the rejected answer that would be learnt.
  dpo: { settings: ['beta', 'labelSmoothing'], below: { labelSmoothing: 0.5 }, alsoCalled: ['sigmoid'] },
  ipo: { settings: ['beta'] },
  orpo: { settings: ['beta'] },
  'span-cross-entropy': { settings: [] },
} as const satisfies Readonly<Record<string, LossSchema>>;
export type LossName = keyof typeof lossSchemas;

/** As TRL's. */
export const DEFAULT_BETA = 0.1;

const lossNames = Object.keys(lossSchemas) as [LossName, ...LossName[]];

/** What the loss of that name in another tool is here. */
export const lossCalled = (name: string): LossName | undefined =>
  lossNames.find((loss) => (lossSchemas[loss] as LossSchema).alsoCalled?.includes(name.toLowerCase()));

const weight = z.number().positive();

/** Their part of `training`. */
export const lossFields = {
  loss: z
    .enum(lossNames)
    .optional()
    .describe('what is minimised; default the first that the task has (docs/losses.md)'),
  labelSmoothing: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe(
      'of cross-entropy: the share of each label that is spread evenly over all classes; of dpo: how probable it is that a pair is the wrong way round, below 0.5; default 0',
    ),
  classWeights: z
    .union([z.literal('balanced'), z.record(z.string(), weight), z.array(weight).min(1)])
    .optional()
    .describe(
      'how much each class counts: balanced (by its share of the training split), {LABEL: WEIGHT, …} (others weigh 1), or a list in the order of the labels; of several labels a text, how much their presence counts',
    ),
  focalGamma: z.number().min(0).optional().describe('γ of the focal loss; default 2'),
  beta: z
    .number()
    .positive()
    .optional()
    .describe(
      `of dpo and ipo: how near to the model before it stays; of orpo: how much the odds ratio counts; default ${DEFAULT_BETA}`,
    ),
};

export interface LossSpec {
  readonly loss?: LossName | undefined;
  readonly labelSmoothing?: number | undefined;
  readonly classWeights?: 'balanced' | Readonly<Record<string, number>> | readonly number[] | undefined;
  readonly focalGamma?: number | undefined;
  readonly beta?: number | undefined;
}

export const lossNameOf = (task: TaskSchema, spec: LossSpec): LossName => spec.loss ?? task.losses[0];

/** Whether what is minimised is what evaluations measure as `loss`. */
export const minimisesTheLoss = (task: TaskSchema, spec: LossSpec): boolean =>
  lossNameOf(task, spec) === task.losses[0] && !spec.labelSmoothing && spec.classWeights === undefined;

/** A loss that the task does not have, and settings of another one. */
export function lossProblems(task: TaskSchema, spec: LossSpec): Problem[] {
  const name = lossNameOf(task, spec);
  if (!task.losses.includes(name)) {
    const message = `is no loss of ${task.problemType ?? task.task}`;
    return [{ path: 'training.loss', message, found: name, allowed: task.losses.join(', ') }];
  }
  const settingsOf = (loss: LossName): readonly LossSetting[] =>
    lossSchemas[loss].settings.filter((setting) => setting !== 'classWeights' || task.hasClasses);
  const ofOthers = settings
    .filter((setting) => spec[setting] !== undefined && !settingsOf(name).includes(setting))
    .map((setting) => {
      const others = task.losses.filter((loss) => settingsOf(loss).includes(setting));
      return {
        path: `training.${setting}`,
        message: `is no setting of the loss ${name} of ${task.problemType ?? task.task}`,
        found: JSON.stringify(spec[setting]).slice(0, 60),
        allowed: others.length ? `with training.loss ${others.join(' or ')}` : 'none',
      };
    });
  return [...ofOthers, ...tooLarge(name, spec)];
}

const tooLarge = (name: LossName, spec: LossSpec): Problem[] =>
  Object.entries((lossSchemas[name] as LossSchema).below ?? {})
    .filter(([setting, end]) => Number(spec[setting as LossSetting]) >= end)
    .map(([setting, end]) => ({
      path: `training.${setting}`,
      message: `is too large for the loss ${name}`,
      found: String(spec[setting as LossSetting]),
      allowed: `below ${end}`,
    }));
