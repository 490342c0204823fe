import type { Task } from '@temper/contracts';
import { z } from 'zod';

const column = z.string().min(1);

interface ColumnForm {
  readonly schema: z.ZodObject;
  /** The task that follows from these columns alone. Where there is none the values decide. */
  readonly task?: Task;
}

/** The sets of columns that rows come in; the set of keys says which kind of example it is. */
export const columnForms = {
  textLabel: {
    schema: z.strictObject({ text: column, label: column }),
    task: 'sequence-classification',
  },
  promptCompletion: { schema: z.strictObject({ prompt: column, completion: column }), task: 'causal-lm' },
  instruction: {
    schema: z.strictObject({ instruction: column, input: column, output: column }),
    task: 'causal-lm',
  },
  messages: { schema: z.strictObject({ messages: column, tools: column.optional() }), task: 'causal-lm' },
  tokenTags: { schema: z.strictObject({ tokens: column, tags: column }), task: 'token-classification' },
  pairs: {
    schema: z.strictObject({ anchor: column, positive: column, negative: column.optional() }),
    task: 'embedding',
  },
  scoredPairs: {
    schema: z.strictObject({ sentence1: column, sentence2: column, score: column }),
    task: 'embedding',
  },
  tokenIds: { schema: z.strictObject({ inputIds: column, labels: column }) },
  text: { schema: z.strictObject({ text: column }), task: 'causal-lm' },
} as const satisfies Readonly<Record<string, ColumnForm>>;
export type ColumnFormName = keyof typeof columnForms;

/** `dataset.columns` */
export const columnsSchema = z
  .union([
    columnForms.textLabel.schema,
    columnForms.promptCompletion.schema,
    columnForms.instruction.schema,
    columnForms.messages.schema,
    columnForms.tokenTags.schema,
    columnForms.pairs.schema,
    columnForms.scoredPairs.schema,
    columnForms.tokenIds.schema,
    columnForms.text.schema,
  ])
  .describe(
    'Column names by meaning: {text, label} | {prompt, completion} | {instruction, input, output} | {messages} (and tools, by default a column of that name) | {tokens, tags} (lists of words and of a tag of each) | {anchor, positive} (and negative) | {sentence1, sentence2, score} | {text} | {inputIds, labels} (already tokenised; −100 = not counted). Default: recognised by the usual names',
  );
export type Columns = z.output<typeof columnsSchema>;

/** The form of columns that the schema accepted. */
export function formOf(columns: Columns): ColumnFormName {
  const names = Object.keys(columnForms) as ColumnFormName[];
  return names.find((name) => columnForms[name].schema.safeParse(columns).success)!;
}

/** `{text, label}` */
export function formInWords(name: ColumnFormName): string {
  const required = Object.entries(columnForms[name].schema.shape as Readonly<Record<string, z.ZodType>>)
    .filter(([, field]) => !field.isOptional())
    .map(([key]) => key);
  return `{${required.join(', ')}}`;
}
