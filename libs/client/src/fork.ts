import {
  changedTraining,
  TemperError,
  type CheckpointEntry,
  type ForkOrigin,
  type Problem,
} from '@temper/contracts';
import { differencesOf } from './differences.js';
import { parsePipelineSpec, type PipelineSpec } from '@temper/spec';

/**
 * What a checkpoint is bound to: its tensors are those of this model and method, and its place is one in this data, cut
 * into these batches in this order.
 */
const bound = ['task', 'model', 'dataset', 'tokenize', 'method'] as const;
const boundTraining = [
  'trainBatchSize',
  'gradientAccumulationSteps',
  'optimizer',
  'seed',
  'shuffle',
  'groupByLength',
] as const;

/** The spec that a fork starts from: the run's, with what had been changed in it by the time of the checkpoint. */
export const specAt = (
  spec: PipelineSpec,
  changes: Parameters<typeof changedTraining>[1] = [],
): PipelineSpec => ({
  ...spec,
  training: changedTraining(spec.training, changes),
});

/** Checks a fork's spec; all settings that the checkpoint does not allow are named at once. */
export function forkSpec(original: PipelineSpec, wanted: unknown, { runId, step }: ForkOrigin): PipelineSpec {
  const spec = parsePipelineSpec(wanted);
  const problems: Problem[] = [
    ...bound.flatMap((field) => problemsIn(field, original[field], spec[field])),
    ...boundTraining.flatMap((field) =>
      problemsIn(`training.${field}`, original.training[field], spec.training[field]),
    ),
  ].map((problem) => ({
    ...problem,
    hint: `temper run trains anew with it; ${runId} and its forks share their model, method, data and batches`,
  }));
  const { maxSteps } = spec.training;
  if (maxSteps !== undefined && maxSteps <= step) {
    problems.push({
      path: 'training.maxSteps',
      message: 'the checkpoint is as far already',
      found: String(maxSteps),
      allowed: `more than ${step}`,
    });
  }
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  return spec;
}

const problemsIn = (path: string, before: unknown, now: unknown): Problem[] =>
  differencesOf(before, now, path).map(({ path: at, a, b }) => ({
    path: at,
    message: 'a fork cannot change this: its checkpoint is bound to it',
    found: JSON.stringify(b) ?? 'nothing',
    allowed: JSON.stringify(a) ?? 'nothing',
  }));

/** The checkpoint of a step, or the newest. */
export function chooseCheckpoint(
  runId: string,
  entries: readonly CheckpointEntry[],
  step: number | undefined,
): CheckpointEntry {
  const found = step === undefined ? entries.at(-1) : entries.find((entry) => entry.step === step);
  if (found) return found;
  throw new TemperError('NOT_FOUND', {
    path: runId,
    message: step === undefined ? 'the run has no checkpoint' : `the run has no checkpoint of step ${step}`,
    ...(entries.length ? { allowed: entries.map((entry) => entry.step).join(', ') } : {}),
    ...(entries.length ? {} : { hint: 'a run whose training came from the cache has none of its own' }),
  });
}
