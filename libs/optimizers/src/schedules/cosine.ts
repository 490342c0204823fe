import { z } from 'zod';
import { defineSchedule, noMistake, progress, rising } from './schedule.js';

export const numCycles = (byDefault: number) => ({
  numCycles: z.number().positive().default(byDefault).describe('waves of the cosine'),
});

/** transformers' get_cosine_schedule_with_warmup: half a wave, unless `numCycles` says otherwise. */
export const cosine = defineSchedule({
  summary: 'down to 0 along a cosine',
  fields: numCycles(0.5),
  alsoCalled: ['cosine_with_warmup', 'cosine_annealing'],
  mistake: noMistake,
  // 2 · cycles is exact, so one half leaves Math.PI · progress as it is.
  factor: (at, { numCycles: cycles }) =>
    rising(at) ?? Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (2 * cycles * progress(at))))),
  evaluated: null,
});

/** transformers' get_cosine_with_hard_restarts_schedule_with_warmup. */
export const cosineWithRestarts = defineSchedule({
  summary: 'down to 0 along a cosine, several times',
  fields: numCycles(1),
  alsoCalled: ['cosine_with_hard_restarts', 'cosine_annealing_warm_restarts'],
  mistake: noMistake,
  factor(at, { numCycles: cycles }) {
    const done = progress(at);
    return rising(at) ?? (done >= 1 ? 0 : Math.max(0, 0.5 * (1 + Math.cos(Math.PI * ((cycles * done) % 1)))));
  },
  evaluated: null,
});
