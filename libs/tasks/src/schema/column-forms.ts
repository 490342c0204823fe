import type { ExampleKind, Task } from '@temper/contracts';
import { z } from 'zod';
import * as likely from './likely-names.js';
import {
  anchors,
  answeredQuestions,
  chosenAndRejected,
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
  /** The kinds of examples that its rows become, as they are stored. */
  readonly examples: readonly [ExampleKind, ...ExampleKind[]];
  /** By field: of these names it is suggested where it is not recognised. */
  readonly likely: likely.LikelyFields;
  /** Names that merely contain a likely one say nothing. */
  readonly wholeNames?: boolean;
  /** By field: the field whose column may stand in for it. */
  readonly standIns?: Readonly<Record<string, string>>;
  /** Rows are tokens already. */
  readonly isTokenised?: boolean;
  /** A cell is a list of objects, as a file that is one object holds its rows elsewhere. */
  readonly hasLists?: boolean;
  /** A row can be a conversation, which may have tools. */
  readonly mayHaveTools?: boolean;
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
    examples: ['messages'],
    likely: { messages: likely.conversations },
    hasLists: true,
    mayHaveTools: true,
    usual: conversations,
  },
  textLabel: {
    schema: z.strictObject({ text: column, label: column }),
    task: 'sequence-classification',
    examples: ['text'],
    likely: { text: likely.texts, label: likely.labels },
    usual: [{ columns: { text: 'text', label: 'label' } }],
  },
  instruction: {
    schema: z.strictObject({ instruction: column, input: column, output: column }),
    task: 'causal-lm',
    examples: ['prompt'],
    likely: {
      instruction: ['instruction'],
      input: ['input', 'context', 'passage'],
      output: likely.completions,
    },
    usual: instructions,
  },
  promptCompletion: {
    schema: z.strictObject({ prompt: column, completion: column }),
    task: 'causal-lm',
    examples: ['prompt', 'messages'],
    likely: { prompt: likely.prompts, completion: likely.completions },
    mayHaveTools: true,
    usual: promptsAndCompletions,
  },
  pairs: {
    schema: z.strictObject({ anchor: column, positive: column, negative: column.optional() }),
    task: 'embedding',
    examples: ['anchor'],
    likely: {
      anchor: ['anchor', 'query', 'question', 'sentence1', 'text1'],
      positive: ['positive', 'pos', 'passage', 'document', 'answer', 'sentence2', 'text2'],
      negative: ['negative', 'neg', 'hard_negative'],
    },
    usual: anchors,
  },
  scoredPairs: {
    schema: z.strictObject({ sentence1: column, sentence2: column, score: column }),
    task: 'embedding',
    examples: ['sentence1'],
    likely: {
      sentence1: ['sentence1', 'sentence_a', 'text1', 'text_a', 'premise'],
      sentence2: ['sentence2', 'sentence_b', 'text2', 'text_b', 'hypothesis'],
      score: ['score', 'similarity', 'similarity_score', 'label'],
    },
    usual: scoredSentences,
  },
  preference: {
    schema: z.strictObject({ prompt: column.optional(), chosen: column, rejected: column }),
    task: 'preference',
    examples: ['chosen'],
    likely: {
      prompt: likely.prompts,
      chosen: ['chosen', 'preferred', 'accepted', 'better', 'winner'],
      rejected: ['rejected', 'dispreferred', 'worse', 'loser'],
    },
    wholeNames: true,
    hasLists: true,
    mayHaveTools: true,
    usual: chosenAndRejected,
  },
  questionAnswers: {
    schema: z.strictObject({ question: column, context: column, answers: column }),
    task: 'question-answering',
    examples: ['question'],
    likely: {
      question: ['question', 'query'],
      context: ['context', 'passage', 'paragraph', 'document'],
      answers: ['answers'],
    },
    wholeNames: true,
    usual: answeredQuestions,
  },
  tokenTags: {
    schema: z.strictObject({ tokens: column, tags: column }),
    task: 'token-classification',
    examples: ['tokens'],
    likely: {
      tokens: ['tokens', 'words'],
      tags: ['tags', 'ner_tags', 'ner', 'labels', 'label', 'tag', 'pos_tags', 'chunk_tags', 'ner_labels'],
    },
    wholeNames: true,
    usual: taggedWords,
  },
  tokenIds: {
    schema: z.strictObject({ inputIds: column, labels: column }),
    examples: ['inputIds'],
    likely: {
      inputIds: ['input_ids', 'inputids', 'tokens'],
      labels: ['labels', 'label', 'targets', 'class'],
    },
    wholeNames: true,
    standIns: { labels: 'inputIds' },
    isTokenised: true,
    usual: labelledIds,
  },
  text: {
    schema: z.strictObject({ text: column }),
    task: 'causal-lm',
    examples: ['text'],
    likely: { text: likely.texts },
    usual: texts,
    isWeakest: true,
  },
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
    columnForms.preference.schema,
    columnForms.questionAnswers.schema,
    columnForms.tokenIds.schema,
    columnForms.text.schema,
  ])
  .describe(
    'Column names by meaning: {text, label} | {prompt, completion} | {instruction, input, output} | {messages} (and tools, by default a column of that name) | {tokens, tags} (lists of words and of a tag of each) | {anchor, positive} (and negative) | {sentence1, sentence2, score} | {chosen, rejected} (and prompt, by default what both begin with) | {question, context, answers} (texts of the context with where they begin, as SQuAD has them) | {text} | {inputIds, labels} (already tokenised; −100 = not counted). Default: recognised by the usual names',
  );
export type Columns = z.output<typeof columnsSchema>;

/** The form of columns that the schema accepted. */
export function formOf(columns: Columns): ColumnFormName {
  const names = Object.keys(columnForms) as ColumnFormName[];
  return names.find((name) => columnForms[name].schema.safeParse(columns).success)!;
}

/** `{text, label}` */
export function formInWords(name: ColumnFormName): string {
  return `{${requiredFields(name).join(', ')}}`;
}

const requiredFields = (name: ColumnFormName): string[] =>
  Object.entries(columnForms[name].schema.shape as Readonly<Record<string, z.ZodType>>)
    .filter(([, field]) => !field.isOptional())
    .map(([key]) => key);

export const isTokenised = (columns: Columns): boolean => factsOf(columns).isTokenised === true;
export const mayHaveTools = (columns: Columns): boolean => factsOf(columns).mayHaveTools === true;

/** Whether rows of both can be learnt together: of one form, or each a prompt with its answer, however it is written. */
export function areAlike(a: Columns, b: Columns): boolean {
  if (formOf(a) === formOf(b)) return true;
  return [a, b].every((columns) => factsOf(columns).examples.every((kind) => answered.includes(kind)));
}
const answered: readonly ExampleKind[] = ['prompt', 'messages'];

const factsOf = (columns: Columns): ColumnForm => columnForms[formOf(columns)];

/** The kinds of examples that there are rows of. */
export type FormExample = (typeof columnForms)[ColumnFormName]['examples'][number];

/** Usual names of columns, with the task that follows from them. */
export interface UsualForm extends UsualNames {
  readonly task?: Task | undefined;
  readonly isWeakest?: boolean | undefined;
}

export const usualForms: readonly UsualForm[] = Object.values<ColumnForm>(columnForms).flatMap(
  ({ usual, task, isWeakest }) => usual.map((names) => ({ ...names, task, isWeakest })),
);

/** By which a form is suggested. */
export interface LikelyForm extends Pick<ColumnForm, 'likely' | 'wholeNames' | 'standIns' | 'hasLists'> {
  readonly name: ColumnFormName;
  /** Fields that its columns cannot do without. */
  readonly required: readonly string[];
}

const rankOf = ({ wholeNames, isWeakest }: ColumnForm): number => (wholeNames ? 0 : isWeakest ? 2 : 1);

/** The forms in the order in which they are suggested: a form that takes whole names before others, the weakest last. */
export const likelyForms: readonly LikelyForm[] = (
  Object.entries(columnForms) as [ColumnFormName, ColumnForm][]
)
  .sort(([, a], [, b]) => rankOf(a) - rankOf(b))
  .map(([name, form]) => ({ ...form, name, required: requiredFields(name) }));
