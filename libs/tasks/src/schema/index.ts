import type { ProblemType, Task } from '@temper/contracts';
import { causalLm } from './causal-lm.js';
import { columnForms, formOf, type ColumnFormName, type Columns } from './column-forms.js';
import { embedding, embeddingSimilarity } from './embedding.js';
import { maskedLm } from './masked-lm.js';
import { multiLabelClassification } from './multi-label-classification.js';
import { preference } from './preference.js';
import { questionAnswering } from './question-answering.js';
import { regression } from './regression.js';
import { sequenceClassification } from './sequence-classification.js';
import type { TaskSchema } from './task-schema.js';
import { tokenClassification } from './token-classification.js';
import { listed, wordsOf } from './words.js';

export {
  areAlike,
  columnsSchema,
  formInWords,
  formOf,
  isTokenised,
  likelyForms,
  mayHaveTools,
  usualForms,
  type Columns,
  type ColumnFormName,
  type FormExample,
  type LikelyForm,
  type UsualForm,
} from './column-forms.js';
export { likeliest } from './likely-names.js';
export { passages } from './usual-names.js';
export { checkClassWeights } from './check-class-weights.js';
export {
  lossCalled,
  lossFields,
  lossProblems,
  lossSchemas,
  minimisesTheLoss,
  type LossName,
  type LossSpec,
} from './losses.js';
export { keepsProportions, type LabelForm, type TaskSchema } from './task-schema.js';

/** A new task is one line here and one in the table of @temper/tasks; a task of the spec without an entry is a type error. */
export const taskSchemas = {
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
} as const satisfies Readonly<Record<Task, TaskSchema> & Record<string, TaskSchema>>;

/** The first task that has a loss of that name, where people name the one for the other (`dpo`). */
export const taskWithLoss = (loss: string): Task | undefined =>
  Object.values<TaskSchema>(taskSchemas).find(({ losses }) => losses.some((name) => name === loss))?.task;

/** What the parts of a spec that choose a task say. */
export interface TaskChoice {
  readonly task: Task;
  readonly problemType?: ProblemType | undefined;
  readonly dataset?: { readonly columns?: Columns | undefined } | undefined;
}
export type TaskKey = keyof typeof taskSchemas;

/** Of a problem type that the task does not have, which the check of the spec tells: the task's own. */
export function taskKeyOf({ task, problemType, dataset }: TaskChoice): TaskKey {
  const all = Object.entries(taskSchemas) as [TaskKey, TaskSchema][];
  if (problemType === undefined) {
    const form = dataset?.columns && formOf(dataset.columns);
    return (form && all.find(([, each]) => each.task === task && each.ofColumns === form)?.[0]) ?? task;
  }
  return all.find(([, each]) => each.task === task && each.problemType === problemType)?.[0] ?? task;
}

/** What `problemType` can be for a task. */
export const problemTypesOf = (task: Task): readonly ProblemType[] =>
  Object.values<TaskSchema>(taskSchemas).flatMap((each) =>
    each.task === task && each.problemType !== undefined ? [each.problemType] : [],
  );
/** The forms that rows of a task can have, of all its problem types, the likeliest first. */
export const formsOf = (task: Task): readonly ColumnFormName[] => [
  ...new Set(
    Object.values<TaskSchema>(taskSchemas).flatMap((each) => (each.task === task ? each.columns : [])),
  ),
];
export const taskSchemaOf = (choice: TaskChoice): TaskSchema => taskSchemas[taskKeyOf(choice)];

/** The task that follows from columns; of tokens with labels the values decide. */
export function taskOf(columns: Columns): Task | undefined {
  const form = columnForms[formOf(columns)];
  return 'task' in form ? form.task : undefined;
}

/** Where neither the spec nor its data say one. */
export const defaultTask: Task = 'sequence-classification';

const all = Object.values<TaskSchema>(taskSchemas);
export const gateWords = wordsOf(all, ({ gate }) =>
  Object.keys(gate).length ? JSON.stringify(gate) : 'no bounds',
);
export const bestMetricWords = wordsOf(all, ({ metricForBestModel }) => metricForBestModel);
export const maskingWords = wordsOf(all, ({ masking }) => masking && String(masking.probability));
export const writtenWords = wordsOf(all, ({ written }) => written && listed(written.metrics));

/** Tasks whose texts have hidden tokens. */
export const hidingTasks = listed([...new Set(all.flatMap(({ masking, task }) => (masking ? [task] : [])))]);
