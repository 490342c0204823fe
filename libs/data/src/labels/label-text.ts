import type { LabelForm } from '@temper/tasks/schema';

/** The classes that the label of a row names: itself, or those of its list. */
export const classesIn = (label: string, form: LabelForm | undefined): readonly string[] =>
  form === 'words' && label !== '' ? (JSON.parse(label) as string[]) : [label];

/** With fewer there is nothing to tell apart; a class that a text has or has not is enough where a text can have none. */
export const fewestClasses = (form: LabelForm | undefined): number => (form === 'words' ? 1 : 2);
