import type { Columns, TaskSchema } from '@temper/tasks/schema';
import { LAST } from '../training/word-model.js';

const CLASSES = 3;

/** Another length for each row, so that every batch is padded. */
const lengthOf = (row: number, column: number) => 2 + ((row * 7 + column * 5) % 11);
const word = (n: number) => `w${2 + (n % (LAST - 2))}`;
const words = (row: number, column: number): string[] =>
  Array.from({ length: lengthOf(row, column) }, (_, i) => word(row * 13 + column * 29 + i * (3 + (row % 5))));

/** Which column of questions their context is. */
const CONTEXT = 1;

/** The second word and what is behind it, of every row but each fourth. */
function answersIn([first, ...rest]: readonly string[], row: number) {
  const found = rest.slice(0, 1 + (row % 3)).join(' ');
  return row % 4 === 3
    ? { text: [], answer_start: [] }
    : { text: [found], answer_start: [first!.length + 1] };
}

type LabelForm = NonNullable<TaskSchema['labelForm']>;

/** What a column of labels holds; a form without an entry is a type error. Classes are of unequal sizes. */
const labels: Readonly<Record<LabelForm, (row: number) => unknown>> = {
  word: (row) => `class ${row % 4 === 3 ? 0 : row % CLASSES}`,
  words: (row) => Array.from({ length: CLASSES }, (_, i) => `class ${i}`).filter((_, i) => (row >> i) % 2),
  number: (row) => Math.sin(row) / 2 + 0.5,
  tags: (row) => words(row, 0).map((_, i) => ['O', 'B-PER', 'I-PER', 'B-LOC'][(row + i * i) % 4]),
};

/** Columns that are no text. */
const special: Readonly<Record<string, (row: number, form: LabelForm) => unknown>> = {
  label: (row, form) => labels[form](row),
  score: (row, form) => labels[form](row),
  tags: (row, form) => labels[form](row),
  tokens: (row) => words(row, 0),
  answers: (row) => answersIn(words(row, CONTEXT), row),
};

/** Rows of unequal lengths as a user of the task has them, by the columns that the task reads. */
export function userRows(
  { labelForm = 'word' }: TaskSchema,
  columns: Columns,
  { from, count }: { readonly from: number; readonly count: number },
): object[] {
  const fields = Object.entries(columns) as [string, string][];
  return Array.from({ length: count }, (_, i) => {
    const row = from + i;
    const cells = fields.map(([field, name], column) => [
      name,
      special[field]?.(row, labelForm) ?? words(row, column).join(' '),
    ]);
    return Object.fromEntries(cells) as object;
  });
}
