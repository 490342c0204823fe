import { z } from 'zod';
import { numCycles } from './cosine.js';
import { defineSchedule, progress, rising } from './schedule.js';

const given = (value: number | undefined) => value !== undefined;

/** transformers' get_cosine_with_min_lr_schedule_with_warmup. */
export const cosineWithMinLr = defineSchedule({
  summary: 'down to `minLr` along a cosine',
  fields: {
    ...numCycles(0.5),
    minLr: z.number().min(0).optional().describe('the rate is never reduced below'),
    minLrRate: z.number().min(0).max(1).optional().describe('the same as a share of the peak'),
  },
  alsoCalled: ['cosine_with_min_lr_schedule_with_warmup', 'cosine_min_lr'],
  mistake({ minLr, minLrRate }, learningRate) {
    if (given(minLr) && given(minLrRate))
      return { field: 'minLrRate', message: 'says the same as minLr', allowed: 'one of the two' };
    if (!given(minLr) && !given(minLrRate))
      return { field: 'minLr', message: 'is missing, and so is minLrRate', allowed: 'one of the two' };
    return minLr === undefined || minLr < learningRate
      ? undefined
      : { field: 'minLr', message: 'is not below the peak', allowed: `less than ${learningRate}` };
  },
  factor(at, { minLr, minLrRate, numCycles: cycles }) {
    // A training that was told a smaller peak since stays at it: the rate rises to no minimum.
    const least = Math.min(1, minLr === undefined ? (minLrRate ?? 0) : minLr / at.learningRate);
    const wave = 0.5 * (1 + Math.cos(Math.PI * (2 * cycles * progress(at))));
    return rising(at) ?? Math.max(0, wave * (1 - least) + least);
  },
  evaluated: null,
});
