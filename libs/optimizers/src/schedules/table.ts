import { z } from 'zod';
import { constant, constantWithWarmup } from './constant.js';
import { cosine, cosineWithRestarts } from './cosine.js';
import { cosineWithMinLr } from './cosine-with-min-lr.js';
import { inverseSqrt } from './inverse-sqrt.js';
import { linear } from './linear.js';
import { polynomial } from './polynomial.js';
import { reduceLrOnPlateau } from './reduce-lr-on-plateau.js';
import type { Schedule, ScheduleFields, ScheduleSettings } from './schedule.js';
import { warmupStableDecay } from './warmup-stable-decay.js';

/** Every learning rate schedule by transformers' name. Adding one is its file and its line here. */
export const schedules = {
  linear,
  cosine,
  cosine_with_restarts: cosineWithRestarts,
  cosine_with_min_lr: cosineWithMinLr,
  polynomial,
  constant,
  constant_with_warmup: constantWithWarmup,
  inverse_sqrt: inverseSqrt,
  warmup_stable_decay: warmupStableDecay,
  reduce_lr_on_plateau: reduceLrOnPlateau,
} as const;

export type ScheduleName = keyof typeof schedules;
export const scheduleNames = Object.keys(schedules) as ScheduleName[];

/** The schedule of that name, for code that knows none by name. */
export const scheduleOf = (name: ScheduleName): Schedule => schedules[name] as unknown as Schedule;

/** Settings of one schedule, with its defaults where they are not given. */
export const scheduleSettingsOf = (
  name: ScheduleName,
  given: object = {},
): ScheduleSettings<ScheduleFields> => z.object(scheduleOf(name).fields).parse(given);
