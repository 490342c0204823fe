import { causalLm } from './causal-lm.js';
import { embedding, embeddingSimilarity } from './embedding.js';
import { maskedLm } from './masked-lm.js';
import { multiLabelClassification } from './multi-label-classification.js';
import { regression } from './regression.js';
import { taskKeyOf, type TaskChoice, type TaskKey } from './schema/index.js';
import { sequenceClassification } from './sequence-classification.js';
import type { TaskDefinition } from './task.js';
import { tokenClassification } from './token-classification.js';

/** A task without an entry is a type error. */
export const taskDefinitions: { readonly [T in TaskKey]: TaskDefinition } = {
  'sequence-classification': sequenceClassification,
  'multi-label-classification': multiLabelClassification,
  regression,
  'causal-lm': causalLm,
  'token-classification': tokenClassification,
  'masked-lm': maskedLm,
  embedding,
  'embedding-similarity': embeddingSimilarity,
};

export const definitionOf = (choice: TaskChoice): TaskDefinition => taskDefinitions[taskKeyOf(choice)];
