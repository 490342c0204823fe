import { learningRateWords } from '@temper/methods/schema';
import { learningRateFactorWords, optimizerFields, schedulerFields } from '@temper/optimizers/schema';
import { bestMetricWords, lossFields, maskingWords } from '@temper/tasks/schema';
import { z } from 'zod';
import { fraction, positiveInteger } from './numbers.js';

export const training = z
  .strictObject({
    epochs: z
      .number()
      .positive()
      .max(1e6)
      .default(3)
      .describe('passes over the training split; may be a fraction'),
    maxSteps: positiveInteger.optional().describe('optimizer steps; overrides epochs'),
    learningRate: z
      .number()
      .positive()
      .optional()
      .describe(
        `the peak of the schedule; default ${learningRateWords}, with adamw; ${learningRateFactorWords}`,
      ),
    trainBatchSize: positiveInteger.default(16).describe('examples of one forward and backward pass'),
    evalBatchSize: positiveInteger.default(64).describe('examples of one evaluation pass'),
    gradientAccumulationSteps: positiveInteger.default(1).describe('passes of one optimizer step'),
    evalStrategy: z
      .enum(['no', 'epoch', 'steps'])
      .default('epoch')
      .describe('when the validation split is evaluated'),
    evalSteps: positiveInteger.optional().describe('for evalStrategy: steps; default saveSteps'),
    saveSteps: positiveInteger.default(500).describe('optimizer steps between checkpoints'),
    logSteps: positiveInteger.default(1).describe('optimizer steps between metric lines'),
    loadBestModelAtEnd: z.boolean().default(true).describe('publish the best checkpoint, not the last'),
    metricForBestModel: z.string().min(1).optional().describe(`default ${bestMetricWords}`),
    earlyStoppingPatience: positiveInteger.optional().describe('evaluations without improvement'),
    gradientCheckpointing: z.literal(false).default(false).describe('less memory for more time'),
    ...optimizerFields,
    ...lossFields,
    maxGradNorm: z
      .number()
      .positive()
      .nullable()
      .default(1)
      .describe('gradients are scaled down to this L2 norm; null switches clipping off'),
    ...schedulerFields,
    warmupRatio: fraction.default(0).describe('share of the steps in which the learning rate rises'),
    warmupSteps: z.int().min(0).optional().describe('overrides warmupRatio'),
    seed: z.int().min(0).default(0).describe('of order, dropout and initialisation'),
    mlmProbability: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe(`share of the tokens that are hidden, in training and evaluation; default ${maskingWords}`),
    shuffle: z.boolean().default(true).describe('a new order each epoch; false: the order of the file'),
    groupByLength: z.boolean().default(true).describe('batches of similar length; only with shuffle'),
  })
  .prefault({});
