import { z } from 'zod';

/** Settings that several optimizers have: the same name means the same thing in each. */
const decay = z.number().min(0).lt(1);

export const adamFields = {
  adamBeta1: decay.default(0.9).describe('decay of the mean of gradients'),
  adamBeta2: decay.default(0.999).describe('decay of the mean of squared gradients'),
  adamEpsilon: z.number().positive().default(1e-8).describe('added to the root in the denominator'),
};

export const weightDecay = (byDefault: number) => ({
  weightDecay: z
    .number()
    .min(0)
    .default(byDefault)
    .describe('not applied to biases and normalisation weights'),
});

export const momentum = (byDefault: number) => ({
  momentum: z.number().min(0).lt(1).default(byDefault).describe('decay of the sum of gradients'),
});

export const nesterov = (byDefault: boolean) => ({
  nesterov: z.boolean().default(byDefault).describe('step from where the momentum will lead'),
});
