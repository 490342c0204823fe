import { downloadSchema, identifier, problemTypes, tasks, type Task } from '@temper/contracts';
import { methodSchema } from '@temper/methods/schema';
import type { Columns } from '@temper/tasks/schema';
import { z } from 'zod';
import { alertsSchema } from './alerts-schema.js';
import { dataset } from './sections/dataset.js';
import { evaluation } from './sections/evaluation.js';
import { model } from './sections/model.js';
import { publish } from './sections/publish.js';
import { retention } from './sections/retention.js';
import { resources } from './sections/resources.js';
import { tokenize } from './sections/tokenize.js';
import { training } from './sections/training.js';

/** What a pipeline is made of, a file of `sections` each; what belongs to a method, task or optimizer comes from its own schema. */
export const pipelineSpecSchema = z.strictObject({
  name: identifier.describe('of the pipeline'),
  team: identifier
    .optional()
    .describe(
      'whose runs these are; found by it with `temper runs list --team`, and no part of what a model is made by',
    ),
  task: z
    .enum(tasks)
    .optional()
    .describe('what the model learns to do; default: what follows from the columns'),
  problemType: z
    .enum(problemTypes)
    .optional()
    .describe('what the labels of texts are: one class, a list of classes, or a number; default one class'),
  model,
  dataset,
  tokenize,
  method: methodSchema,
  training,
  evaluation,
  publish,
  resources,
  download: downloadSchema,
  alerts: alertsSchema,
  retention,
});

/** What a user writes. */
export type PipelineSpecInput = z.input<typeof pipelineSpecSchema>;

/** What the schema returns. */
export type ParsedSpec = z.output<typeof pipelineSpecSchema>;

/** The spec with every default in its place. */
export type PipelineSpec = ParsedSpec & {
  task: Task;
  dataset: ParsedSpec['dataset'] & { columns: Columns };
  training: ParsedSpec['training'] & { learningRate: number; evalSteps: number; metricForBestModel: string };
  evaluation: ParsedSpec['evaluation'] & { gate: NonNullable<ParsedSpec['evaluation']['gate']> };
  publish: ParsedSpec['publish'] & { model: string };
  resources: ParsedSpec['resources'] & { fairnessKey: string };
};
export { taskOf, type Columns } from '@temper/tasks/schema';
export type { MethodSpec, LoraSpec } from '@temper/methods/schema';
export type TrainingSpec = PipelineSpec['training'];
