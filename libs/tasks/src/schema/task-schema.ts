import type { HeadKind, LabelKind, MetricName, ProblemType, Task } from '@temper/contracts';
import type { LossName } from './losses.js';
import type { ColumnFormName, Columns } from './column-forms.js';

/** A class, a list of classes, a number; or a class of each word: whether splits keep them in proportion. Lists and numbers are rarely equal. */
const inProportion = { word: true, words: false, number: false, tags: false };
export type LabelForm = keyof typeof inProportion;

export const keepsProportions = (form: LabelForm | undefined): boolean =>
  form === undefined || inProportion[form];

/** By metric. */
type Bounds = Readonly<Partial<Record<MetricName, { readonly min?: number; readonly max?: number }>>>;

/** What can be known of a task without a compiler: its part of the spec, and of its data. */
export interface TaskSchema {
  /** As the spec names it. */
  readonly task: Task;
  /** Where a task has several; the first of a task in the table is its default. */
  readonly problemType?: ProblemType;
  /** What the column of labels holds, of tasks that have one. */
  readonly labelForm?: LabelForm;
  /** The columns that its rows can have. */
  readonly columns: readonly ColumnFormName[];
  /** Where nothing is said and nothing can be looked at. */
  readonly defaultColumns: Columns;
  /** How its labels are stored, and so how they are batched. */
  readonly labelKind: LabelKind;
  /** Of rows that are tokenised already: their labels are lists, with one a token, and not one number. */
  readonly labelsAreLists: boolean;
  /** Rows have classes, which decide on the size of the head. */
  readonly hasClasses: boolean;
  /** Sequences of an example with these columns; default: one. */
  readonly sequencesPerExample?: (columns: Columns) => number;
  /** Its loss compares an example with the others of its batch: evaluations go by batches of training. */
  readonly comparesExamples?: boolean;
  /** Of a task that learns other things of other columns: those of this entry. */
  readonly ofColumns?: ColumnFormName;
  /** Several examples can share a sequence: what is learnt of each token depends on nothing but its own example's tokens. */
  readonly canBePacked: boolean;
  /** Tokens of its texts are hidden by chance: how many, where the spec says nothing. */
  readonly masking?: { readonly probability: number };
  /** Rows of the head, where it is the task that says so. */
  readonly sizedHead?: number;
  /** In what the forward graph ends. */
  readonly head: HeadKind;
  /** What it can minimise; the first where nothing is said, which is its `loss` in evaluations. */
  readonly losses: readonly [LossName, ...LossName[]];
  /** What a model can be chosen by, and what a gate can bound; the likeliest first. */
  readonly metrics: readonly MetricName[];
  /** Counts that a gate can bound besides: a test split that is too small is no measurement. */
  readonly counts: readonly MetricName[];
  /**
   * What can be measured, once, of texts that the model writes for prompts of the test split, where the columns are such that there are
   * prompts. Nothing can be chosen by it: generation takes too long for every evaluation of a training.
   */
  readonly written?: { readonly metrics: readonly MetricName[]; readonly columns: readonly ColumnFormName[] };
  /** Bounds of metrics of the test split that a model must keep where the spec names none. */
  readonly gate: Bounds;
  readonly metricForBestModel: MetricName;
  /** What a summary of one line shows. */
  readonly shown: readonly MetricName[];
  /** Tokens of an example, beside those that a tokenizer puts around it, without which there is nothing to learn. */
  readonly leastTokens: { readonly count: number; readonly around: boolean };
}
