import type { Task } from '@temper/contracts';
import { z } from 'zod';
import {
  anchors,
  conversations,
  instructions,
  labelledIds,
  promptsAndCompletions,
  scoredSentences,
  taggedWords,
  texts,
  type UsualNames,
} from './usual-names.js';

const column = z.string().min(1);

interface ColumnForm {
  readonly schema: z.ZodObject;
  /** The task that follows from these columns alone. Where there is none the values decide. */
  readonly task?: Task;
  /** By which rows are known to have this form, where the spec names no columns. */
  readonly usual: readonly UsualNames[];
  /** Of rows that have another form, too, that one says more. */
  readonly isWeakest?: boolean;
}

/** The sets of columns that rows come in; the set of keys says which kind of example it is. Messages list them in this order. */
export const columnForms = {
  messages: {
    schema: z.strictObject({ messages: column, tools: column.optional() }),
    task: 'causal-lm',
    usual: conversations,
  },
  instruction: {
    schema: z.strictObject({ instruction: column, input: column, output: column }),
    task: 'causal-lm',
    usual: instructions,
  },
  promptCompletion: {
    schema: z.strictObject({ prompt: column, completion: column }),
    task: 'causal-lm',
    usual: promptsAndCompletions,
  },
  textLabel: {
    schema: z.strictObject({ text: column, label: column }),
    task: 'sequence-classification',
    usual: [{ columns: { text: 'text', label: 'label' } }],
  },
  pairs: {
    schema: z.strictObject({ anchor: column, positive: column, negative: column.optional() }),
    task: 'embedding',
    usual: anchors,
  },
  scoredPairs: {
    schema: z.strictObject({ sentence1: column, sentence2: column, score: column }),
    task: 'embedding',
    usual: scoredSentences,
  },
  tokenTags: {
    schema: z.strictObject({ tokens: column, tags: column }),
    task: 'token-classification',
    usual: taggedWords,
  },
  tokenIds: { schema: z.strictObject({ inputIds: column, labels: column }), usual: labelledIds },
  text: { schema: z.strictObject({ text: column }), task: 'causal-lm', usual: texts, isWeakest: true },
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

/** Usual names of columns, with the task that follows from them. */
export interface UsualForm extends UsualNames {
  readonly task?: Task | undefined;
  readonly isWeakest?: boolean | undefined;
}

export const usualForms: readonly UsualForm[] = Object.values<ColumnForm>(columnForms).flatMap(
  ({ usual, task, isWeakest }) => usual.map((names) => ({ ...names, task, isWeakest })),
);
