import { defineSchedule, noMistake, rising } from './schedule.js';

/** transformers' get_linear_schedule_with_warmup. */
export const linear = defineSchedule({
  summary: 'down to 0 in a straight line',
  fields: {},
  alsoCalled: ['linear_with_warmup'],
  mistake: noMistake,
  factor: (at) =>
    rising(at) ?? Math.max(0, (at.totalSteps - at.step) / Math.max(1, at.totalSteps - at.warmupSteps)),
  evaluated: null,
});
