import { defineSchedule, noMistake, rising } from './schedule.js';

/**
 * transformers' get_constant_schedule_with_warmup. Its get_constant_schedule leaves out a warm-up that is asked for; here `constant`
 * keeps it, and without one both are the same.
 */
const stays = {
  summary: 'the peak, after the warm-up',
  fields: {},
  mistake: noMistake,
  factor: (at: Parameters<typeof rising>[0]) => rising(at) ?? 1,
  evaluated: null,
};

export const constant = defineSchedule({ ...stays, alsoCalled: ['none', 'fixed'] });
export const constantWithWarmup = defineSchedule({ ...stays, alsoCalled: ['warmup'] });
