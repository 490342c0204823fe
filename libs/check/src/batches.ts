import type { PipelineSpec } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';

/** Accumulated batches learn as one large batch does, but for losses that compare the examples of a batch. */
export function checkBatches(spec: PipelineSpec): string[] {
  const { trainBatchSize, gradientAccumulationSteps: steps } = spec.training;
  if (!taskSchemaOf(spec).comparesExamples || steps === 1) return [];
  return [
    `training.gradientAccumulationSteps ${steps}: examples are compared within each batch of ${trainBatchSize} alone; ` +
      `for more of them to be compared with raise training.trainBatchSize to ${trainBatchSize * steps}`,
  ];
}
