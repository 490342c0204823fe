import { z } from 'zod';
import { defineSchedule, noMistake } from './schedule.js';

const shapes = ['linear', 'cosine', '1-sqrt'] as const;
const positiveInteger = z.int().positive();

/** Of the way from the smallest rate to the peak, where a share `done` of the warm-up is over. */
const rise: Readonly<Record<(typeof shapes)[number], (done: number) => number>> = {
  linear: (done) => done,
  cosine: (done) => 0.5 * (1 - Math.cos(Math.PI * done)),
  '1-sqrt': (done) => 1 - Math.sqrt(1 - done),
};
const fall: Readonly<Record<(typeof shapes)[number], (done: number, cycles: number) => number>> = {
  linear: (done) => 1 - done,
  cosine: (done, cycles) => 0.5 * (1 + Math.cos(Math.PI * (2 * cycles * done))),
  '1-sqrt': (done) => 1 - Math.sqrt(done),
};

/** transformers' get_wsd_schedule. */
export const warmupStableDecay = defineSchedule({
  summary: 'the peak for most of the steps, then down',
  fields: {
    numDecaySteps: positiveInteger.optional().describe('the last steps, in which it falls; default: a tenth'),
    numStableSteps: positiveInteger.optional().describe('default: all between warm-up and decay'),
    warmupType: z.enum(shapes).default('linear').describe('how the rate rises'),
    decayType: z.enum(shapes).default('cosine').describe('how the rate falls'),
    minLrRatio: z.number().min(0).max(1).default(0).describe('smallest rate, as a share of the peak'),
    numCycles: z.number().positive().default(0.5).describe('waves of the cosine'),
  },
  alsoCalled: ['wsd', 'trapezoidal'],
  mistake: noMistake,
  factor({ step, totalSteps, warmupSteps }, settings) {
    const { numDecaySteps: decay = Math.ceil(totalSteps / 10), minLrRatio, warmupType, decayType } = settings;
    const stable = settings.numStableSteps ?? totalSteps - warmupSteps - decay;
    const scaled = (factor: number) => Math.max(0, factor * (1 - minLrRatio) + minLrRatio);
    if (step < warmupSteps) return scaled(rise[warmupType](step / Math.max(1, warmupSteps)));
    if (step < warmupSteps + stable) return 1;
    if (step >= warmupSteps + stable + decay) return minLrRatio;
    const done = (step - warmupSteps - stable) / Math.max(1, decay);
    return scaled(fall[decayType](done, settings.numCycles));
  },
  evaluated: null,
});
