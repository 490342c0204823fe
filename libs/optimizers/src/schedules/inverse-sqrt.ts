import { z } from 'zod';
import { defineSchedule, noMistake, rising } from './schedule.js';

/** transformers' get_inverse_sqrt_schedule. */
export const inverseSqrt = defineSchedule({
  summary: 'down with one over the square root of the step; whatever the number of steps is',
  fields: {
    timescale: z
      .int()
      .positive()
      .optional()
      .describe('steps after which the rate begins to fall; default: the warm-up steps, 10000 without'),
  },
  alsoCalled: ['inverse_square_root', 'rsqrt'],
  mistake: noMistake,
  factor(at, { timescale = at.warmupSteps || 10_000 }) {
    return rising(at) ?? 1 / Math.sqrt((at.step + timescale - at.warmupSteps) / timescale);
  },
  evaluated: null,
});
