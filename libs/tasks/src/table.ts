import { causalLm } from './causal-lm.js';
import { embedding, embeddingSimilarity } from './embedding.js';
import { maskedLm } from './masked-lm.js';
import { multiLabelClassification } from './multi-label-classification.js';
import { preference } from './preference.js';
import type { LossSpec } from './schema/losses.js';
import { questionAnswering } from './question-answering.js';
import { regression } from './regression.js';
import { taskKeyOf, type TaskChoice, type TaskKey, type taskSchemas } from './schema/index.js';
import { sequenceClassification } from './sequence-classification.js';
import type { TaskDefinition, WritingTask } from './task.js';
import { tokenClassification } from './token-classification.js';

type DefinitionOf<T extends TaskKey> = TaskDefinition &
  ((typeof taskSchemas)[T] extends { readonly written: object } ? WritingTask : unknown);

/** A task without an entry is a type error. */
export const taskDefinitions: { readonly [T in TaskKey]: DefinitionOf<T> } = {
  'sequence-classification': sequenceClassification,
  'multi-label-classification': multiLabelClassification,
  regression,
  'causal-lm': causalLm,
  'token-classification': tokenClassification,
  'masked-lm': maskedLm,
  embedding,
  'embedding-similarity': embeddingSimilarity,
  preference,
  'question-answering': questionAnswering,
};

/** `training`: settings of the loss, of which evaluations of some tasks know. */
export function definitionOf({
  training,
  ...choice
}: TaskChoice & { readonly training?: LossSpec }): TaskDefinition {
  const definition = taskDefinitions[taskKeyOf(choice)];
  return (training && definition.measuredBy?.(training)) ?? definition;
}
