import { methodSchemas } from '@temper/methods/schema';
import { learningRateFor } from '@temper/optimizers/schema';
import { defaultTask, isTokenised, taskOf, taskSchemaOf, type TaskSchema } from '@temper/tasks/schema';
import type { Columns, ParsedSpec, PipelineSpec } from './pipeline-spec.js';

/** Fills in the defaults that depend on other fields. */
export function withDerivedDefaults(spec: ParsedSpec): PipelineSpec {
  const columns = spec.dataset.columns ?? columnsOfAll(spec.dataset);
  const task = spec.task ?? (columns && taskOf(columns)) ?? defaultTask;
  const schema = taskSchemaOf({ task, problemType: spec.problemType, dataset: { ...spec.dataset, columns } });
  return {
    ...spec,
    task,
    dataset: { ...spec.dataset, columns: columns ?? schema.defaultColumns },
    training: trainingWithDefaults(spec, columns, schema),
    evaluation: { ...spec.evaluation, gate: spec.evaluation.gate ?? schema.gate },
    publish: { ...spec.publish, model: spec.publish.model ?? spec.name },
    resources: { ...spec.resources, fairnessKey: spec.resources.fairnessKey ?? spec.name },
  };
}

/** Where every source has its own, those of the first stand for all. */
function columnsOfAll({ train }: ParsedSpec['dataset']): Columns | undefined {
  if (typeof train === 'string' || !train.every(({ columns }) => columns)) return undefined;
  return train[0]!.columns;
}

function trainingWithDefaults(
  { training, method }: ParsedSpec,
  columns: Columns | undefined,
  { metricForBestModel, masking }: TaskSchema,
): PipelineSpec['training'] {
  // Labels of token ids say what is hidden.
  const hides = masking && !(columns && isTokenised(columns));
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
