import { methodSchemas } from '@temper/methods/schema';
import { learningRateFor } from '@temper/optimizers/schema';
import { defaultTask, isTokenised, taskOf, taskSchemaOf, type TaskSchema } from '@temper/tasks/schema';
import type { ParsedSpec, PipelineSpec } from './pipeline-spec.js';

/** Fills in the defaults that depend on other fields. */
export function withDerivedDefaults(spec: ParsedSpec): PipelineSpec {
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
  { training, method, dataset }: ParsedSpec,
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
