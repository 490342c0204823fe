import { z } from 'zod';
import { defineSchedule, rising } from './schedule.js';

/** transformers' get_polynomial_decay_schedule_with_warmup. */
export const polynomial = defineSchedule({
  summary: 'down to `lrEnd` along a power of the remaining steps',
  fields: {
    power: z.number().positive().default(1).describe('of the share of the steps that remain'),
    lrEnd: z.number().min(0).default(1e-7).describe('the learning rate at the end, below the peak'),
  },
  alsoCalled: ['polynomial_decay', 'poly'],
  mistake: ({ lrEnd }, learningRate) =>
    lrEnd < learningRate
      ? undefined
      : { field: 'lrEnd', message: 'is not below the peak', allowed: `less than ${learningRate}` },
  factor(at, { power, lrEnd }) {
    const { step, totalSteps, warmupSteps, learningRate } = at;
    const left = 1 - (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    const decayed = (learningRate - lrEnd) * Math.max(0, left) ** power + lrEnd;
    return rising(at) ?? decayed / learningRate;
  },
  evaluated: null,
});
