import { z } from 'zod';
import { identifier } from '@temper/contracts';
import { pipelineSpecSchema, type PipelineSpec } from './pipeline-spec.js';

/**
 * The names are those of the tools that people come from: search spaces as in W&B sweeps (`values`, `min`, `max`),
 * `metric`, `mode`, `reductionFactor` as in Ray Tune, `trials` as in Optuna.
 */
export const strategies = ['grid', 'random', 'asha'] as const;
export type Strategy = (typeof strategies)[number];

/** More would not fit into what one execution of the workflow hands to the next. */
export const MAX_TRIALS = 10_000;
/** A workflow's history takes a few events of each at a time. */
const MAX_PARALLEL = 200;

const positiveInteger = z.int().positive();

const choice = z.strictObject({ values: z.array(z.unknown()).min(1) });
const range = z.strictObject({
  min: z.number(),
  max: z.number(),
  scale: z.enum(['linear', 'log']).default('linear'),
  integer: z.boolean().default(false),
});

const objective = z
  .strictObject({
    metric: z
      .string()
      .min(1)
      .optional()
      .describe('what the best trial is best at; default training.metricForBestModel'),
    mode: z.enum(['min', 'max']).optional().describe('default: min for losses and perplexity, else max'),
    split: z
      .literal('validation')
      .default('validation')
      .describe('the test split is kept for the chosen model alone'),
  })
  .prefault({})
  .describe('What trials are compared by');

const asha = z
  .strictObject({
    minSteps: positiveInteger.optional().describe('optimizer steps of the first rung'),
    minEpochs: z
      .number()
      .positive()
      .optional()
      .describe(
        'epochs of the first rung, where batch sizes differ; default: the whole training, divided by reductionFactor squared',
      ),
    reductionFactor: z
      .int()
      .min(2)
      .default(3)
      .describe('one in so many goes on from a rung, and trains so many times as long'),
  })
  .prefault({})
  .describe('Successive halving: where trials are compared while they train');

/** `pipeline` is checked by the pipeline's own parser, which knows the nearest names; editors see the whole schema. */
const withPipeline = <P extends z.ZodType>(pipeline: P) =>
  z.strictObject({
    name: identifier.describe('of the sweep'),
    pipeline,
    search: z
      .record(z.string().min(1), z.union([choice, range]))
      .describe(
        'Fields of the pipeline by path (training.…, method, method.…, tokenize.…), each {values: […]} or {min, max, scale: linear or log, integer: true or false}',
      ),
    strategy: z
      .enum(strategies)
      .default('random')
      .describe(
        'grid: every combination; random: independent draws; asha: random draws, and only the best of each rung train on',
      ),
    trials: positiveInteger
      .max(MAX_TRIALS)
      .optional()
      .describe('how many are drawn; default 10, for grid all combinations'),
    seed: z.int().min(0).default(0).describe('of the draws; trial i depends on (seed, i) alone'),
    objective,
    parallel: positiveInteger
      .max(MAX_PARALLEL)
      .default(2)
      .describe('trials at a time; the pools bound it besides'),
    asha,
    publish: z
      .strictObject({
        model: identifier.optional().describe('name in the registry'),
        alias: identifier.optional().describe('moved to the new version'),
      })
      .optional()
      .describe("What becomes of the best trial; default: the pipeline's own publish"),
  });

export const sweepSpecSchema = withPipeline(
  z.union([z.string().min(1), pipelineSpecSchema]).describe('a whole pipeline spec, or the path of its file'),
);
export const looseSweepSchema = withPipeline(z.looseObject({}));

/** What a user writes. */
export type SweepSpecInput = z.input<typeof sweepSpecSchema>;

type Parsed = z.output<typeof looseSweepSchema>;
export type SearchSpace = z.output<typeof choice> | z.output<typeof range>;

/** How far a training goes before it stops for now; its schedule stays that of the whole. */
export type StopAt = { readonly steps: number } | { readonly epochs: number };

/** The spec with every default in its place. */
export interface SweepSpec extends Pick<Parsed, 'name' | 'strategy' | 'seed' | 'parallel'> {
  readonly pipeline: PipelineSpec;
  readonly search: Readonly<Record<string, SearchSpace>>;
  readonly trials: number;
  readonly objective: { readonly metric: string; readonly mode: 'min' | 'max'; readonly split: 'validation' };
  readonly asha: { readonly minimum: StopAt; readonly reductionFactor: number };
}
