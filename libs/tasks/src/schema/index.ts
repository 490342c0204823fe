import type { Task } from '@temper/contracts';
import { causalLm } from './causal-lm.js';
import { columnForms, formOf, type Columns } from './column-forms.js';
import { sequenceClassification } from './sequence-classification.js';
import type { TaskSchema } from './task-schema.js';

export { columnsSchema, formInWords, formOf, type Columns, type ColumnFormName } from './column-forms.js';
export type { TaskSchema } from './task-schema.js';

/** A new task is one line here and one in the table of @temper/tasks; a task of the spec without an entry is a type error. */
export const taskSchemas = {
  'sequence-classification': sequenceClassification,
  'causal-lm': causalLm,
} as const satisfies Readonly<Record<Task, TaskSchema>>;

/** What the parts of a spec that choose a task say. */
export interface TaskChoice {
  readonly task: Task;
}
export type TaskKey = keyof typeof taskSchemas;

export const taskKeyOf = ({ task }: TaskChoice): TaskKey => task;
export const taskSchemaOf = (choice: TaskChoice): TaskSchema => taskSchemas[taskKeyOf(choice)];

/** The task that follows from columns; of tokens with labels the values decide. */
export function taskOf(columns: Columns): Task | undefined {
  const form = columnForms[formOf(columns)];
  return 'task' in form ? form.task : undefined;
}

/** Where neither the spec nor its data say one. */
export const defaultTask: Task = 'sequence-classification';
