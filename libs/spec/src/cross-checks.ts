import type { Problem } from '@temper/contracts';
import { canPack, fixedPrecisionOf } from '@temper/methods/schema';
import { settingProblems } from '@temper/optimizers/schema';
import {
  formInWords,
  formOf,
  hidingTasks,
  isTokenised,
  lossProblems,
  problemTypesOf,
  taskSchemaOf,
} from '@temper/tasks/schema';
import { metricProblems } from './metric-checks.js';
import type { PipelineSpec } from './pipeline-spec.js';
import { sourceProblems } from './source-checks.js';

/**
 * What does not go together, though each is right by itself. `taskIsKnown`: the task is the spec's own, and not one that stands
 * in until the data can be looked at.
 */
export function crossChecks(spec: PipelineSpec, taskIsKnown: boolean): Problem[] {
  const problems: Problem[] = [];
  const { split, columns } = spec.dataset;
  const total = split.train + split.validation + split.test;
  if (Math.abs(total - 1) > 1e-6) {
    problems.push({
      path: 'dataset.split',
      message: 'train, validation and test must add up to 1',
      found: String(total),
    });
  }
  const known = problemTypesOf(spec.task);
  if (spec.problemType !== undefined && !known.includes(spec.problemType)) {
    problems.push({
      path: 'problemType',
      message: `is not a problem of the task ${spec.task}`,
      found: spec.problemType,
      allowed: known.length ? known.join(', ') : 'none',
    });
  }
  const forms = taskSchemaOf(spec).columns;
  if (!forms.includes(formOf(columns))) {
    problems.push({
      path: 'dataset.columns',
      message: `these columns do not fit the task ${spec.task}`,
      found: `{${Object.keys(columns).join(', ')}}`,
      allowed: listed(forms.map(formInWords)),
    });
  }
  if (
    spec.training.loadBestModelAtEnd &&
    spec.training.evalStrategy === 'no' &&
    spec.training.earlyStoppingPatience
  ) {
    problems.push({
      path: 'training.earlyStoppingPatience',
      message: 'needs evaluations during training',
      found: 'evalStrategy no',
      allowed: 'evalStrategy epoch or steps',
    });
  }
  problems.push(...packingProblems(spec), ...splitProblems(spec), ...batchProblems(spec));
  problems.push(...sourceProblems(spec));
  problems.push(...precisionProblems(spec));
  problems.push(...maskingProblems(spec), ...settingProblems(spec.training));
  if (taskIsKnown) problems.push(...lossProblems(taskSchemaOf(spec), spec.training), ...metricProblems(spec));
  return problems;
}

function packingProblems({ task, method, tokenize: { packing }, ...spec }: PipelineSpec): Problem[] {
  if (!packing) return [];
  const given = { path: 'tokenize.packing', found: 'true', allowed: 'false' };
  const isLearntAlone = taskSchemaOf({ task, ...spec }).canBePacked;
  return [
    ...(isLearntAlone ? [] : [{ ...given, message: `examples of ${task} cannot share a sequence` }]),
    ...(canPack(method)
      ? []
      : [
          {
            ...given,
            message: `${method.type} puts tokens in front of each example: examples cannot share a sequence`,
          },
        ]),
  ];
}

function precisionProblems({ model: { precision }, method }: PipelineSpec): Problem[] {
  const why = fixedPrecisionOf(method);
  if (precision === 'fp32' || why === undefined) return [];
  const message = `method ${method.type} ${why}`;
  return [{ path: 'model.precision', message, found: precision, allowed: 'fp32, or another method' }];
}

/** Where other splits are taken from train, a share of it has to stay. */
function splitProblems({ dataset }: PipelineSpec): Problem[] {
  const { split } = dataset;
  const taken = (['validation', 'test'] as const).some((name) => !dataset[name] && split[name] > 0);
  if (split.train > 0 || !taken) return [];
  return [
    {
      path: 'dataset.split.train',
      message: 'leaves no row to train on',
      found: String(split.train),
      allowed: 'more than 0',
    },
  ];
}

/** An example that is compared with itself alone: its loss is 0, whatever the model is. */
function batchProblems(spec: PipelineSpec): Problem[] {
  const { comparesExamples, sequencesPerExample } = taskSchemaOf(spec);
  const { trainBatchSize } = spec.training;
  if (!comparesExamples || trainBatchSize > 1) return [];
  if ((sequencesPerExample?.(spec.dataset.columns) ?? 1) > 2) return [];
  return [
    {
      path: 'training.trainBatchSize',
      message: 'the other examples of a batch are what an example is compared with',
      found: '1',
      allowed: '2 or more, or a column of negatives',
    },
  ];
}

function maskingProblems(spec: PipelineSpec): Problem[] {
  const { mlmProbability } = spec.training;
  if (mlmProbability === undefined) return [];
  const given = { path: 'training.mlmProbability', found: String(mlmProbability) };
  if (!taskSchemaOf(spec).masking) {
    const message = `${spec.task} hides no tokens`;
    return [{ ...given, message, allowed: `only with task ${hidingTasks}` }];
  }
  if (!isTokenised(spec.dataset.columns)) return [];
  return [{ ...given, message: 'the labels of token ids say what is hidden', allowed: 'only with {text}' }];
}

/** `a, b or c` */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
