import { IGNORED_LABEL, type Example } from '@temper/contracts';
import type { LabelForm } from '@temper/tasks/schema';

/** The classes that the label of a row names: itself, or those of its list. */
export const classesIn = (label: string, form: LabelForm | undefined): readonly string[] =>
  (form === 'words' || form === 'tags') && label !== '' ? (JSON.parse(label) as string[]) : [label];

/** All that is kept of a row's labels while its split is decided on; see `classesIn`. */
export function labelOf({ label, labels, tags }: Example, form: LabelForm | undefined): string | undefined {
  if (typeof labels === 'number') return String(labels);
  if (form !== 'tags') return label;
  const all = tags ?? (labels ?? []).filter((number) => number !== IGNORED_LABEL).map(String);
  return JSON.stringify([...new Set(all)].sort());
}

/** With fewer there is nothing to tell apart; a class that a text has or has not is enough where a text can have none. */
export const fewestClasses = (form: LabelForm | undefined): number => (form === 'words' ? 1 : 2);
