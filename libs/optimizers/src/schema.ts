/** What optimizers and schedules bring to `training` of the pipeline spec. Loads zod alone. */
import type { Problem } from '@temper/contracts';
import { z } from 'zod';
import { composeFields } from './compose-fields.js';
import {
  scheduleNames,
  scheduleOf,
  schedules,
  scheduleSettingsOf,
  type ScheduleName,
} from './schedules/table.js';
import { optimizerNames, optimizerOf, optimizers, settingsOf, type OptimizerName } from './table.js';

const optimizerSettings = composeFields(optimizers);
const scheduleSettings = composeFields(schedules);

/** Fields of `training`. Those of an optimizer have no default here: it depends on the optimizer. */
export const optimizerFields = {
  optimizer: z
    .enum(optimizerNames)
    .default('adamw')
    .describe('docs/optimizers.md says which is for what; each has settings of its own'),
  ...optimizerSettings,
};
export const schedulerFields = {
  scheduler: z
    .enum(scheduleNames)
    .default('linear')
    .describe('of the learning rate, after the warm-up: docs/optimizers.md'),
  schedulerSettings: z.strictObject(scheduleSettings).optional().describe('of the schedule that is chosen'),
};

/** What is said here, of a whole training. */
export interface TrainingSettings extends Readonly<Record<string, unknown>> {
  readonly optimizer: OptimizerName;
  readonly scheduler: ScheduleName;
  readonly schedulerSettings?: object | undefined;
  readonly learningRate: number;
  readonly evalStrategy: string;
}

/** With the settings of its optimizer in their places: two trainings are alike where these are. */
export const withSettings = <T extends { readonly optimizer: OptimizerName }>(training: T): T => ({
  ...training,
  ...settingsOf(training.optimizer, training),
});

/** The default learning rate of a method is AdamW's; steps of other optimizers are longer or shorter. */
export const learningRateFor = (optimizer: OptimizerName, learningRate: number): number =>
  Number((learningRate * optimizerOf(optimizer).learningRateFactor).toPrecision(6));

/** `0.2 times that for lion, 100 times that for sgd` */
export const learningRateFactorWords: string = optimizerNames
  .filter((name) => optimizerOf(name).learningRateFactor !== 1)
  .map((name) => `${optimizerOf(name).learningRateFactor} times that for ${name}`)
  .join(', ');

/** What the optimizer or schedule of that name in another tool is here. */
export function nameCalled(name: string): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const all = [...Object.entries(optimizers), ...Object.entries(schedules)];
  return all.find(([, { alsoCalled }]) => alsoCalled.some((other) => plain(other) === plain(name)))?.[0];
}

/** Settings of another optimizer or schedule, and what does not go with the rest of the training. */
export function settingProblems(training: TrainingSettings): Problem[] {
  const { optimizer, scheduler, schedulerSettings = {}, learningRate, evalStrategy } = training;
  const given = Object.fromEntries(
    Object.entries(training).filter(([name]) => Object.hasOwn(optimizerSettings, name)),
  );
  const foreign = [
    ...foreignProblems('training', given, optimizer, optimizers),
    ...foreignProblems('training.schedulerSettings', schedulerSettings, scheduler, schedules),
  ];
  const schedule = scheduleOf(scheduler);
  const mistake = schedule.mistake(scheduleSettingsOf(scheduler, schedulerSettings), learningRate);
  const unfit = mistake && {
    path: `training.schedulerSettings.${mistake.field}`,
    message: mistake.message,
    found: shown((schedulerSettings as Record<string, unknown>)[mistake.field]),
    allowed: mistake.allowed,
  };
  const unseeing = schedule.evaluated && evalStrategy === 'no';
  const blind = {
    path: 'training.scheduler',
    message: `${scheduler} needs evaluations during training`,
    found: 'evalStrategy no',
    allowed: 'evalStrategy epoch or steps',
  };
  return [...foreign, ...(unfit ? [unfit] : []), ...(unseeing ? [blind] : [])];
}

function foreignProblems(
  path: string,
  given: object,
  chosen: string,
  table: Readonly<Record<string, { readonly fields: object }>>,
): Problem[] {
  const own = Object.keys(table[chosen]!.fields);
  return Object.entries(given)
    .filter(([name, value]) => value !== undefined && !own.includes(name))
    .map(([name, value]) => {
      const owners = Object.keys(table).filter((member) => Object.hasOwn(table[member]!.fields, name));
      return {
        path: `${path}.${name}`,
        message: `is no setting of ${chosen}`,
        found: shown(value),
        allowed: own.join(', ') || 'nothing: it has no settings',
        hint: `it is one of ${owners.join(', ')}`,
      };
    });
}

const shown = (value: unknown) => JSON.stringify(value) ?? 'nothing';
