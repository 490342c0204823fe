import type { Metrics, ModelMeta, Passage, TokenizedSplit } from '@temper/contracts';
import type { Loss } from '@temper/graph';
import type { LikelyToken } from './likeliest.js';
import type { Chance } from './losses/chance.js';
import type { WrittenText } from './metrics/text/text-measure.js';
import type { LossSpec } from './schema/losses.js';
import type { TaskSchema } from './schema/task-schema.js';

/** Everything about one task, beside its part of the spec. */
export interface TaskDefinition extends TaskSchema {
  /** What evaluations measure, and what is minimised where nothing else is said. */
  readonly loss: Loss;
  /** The task where evaluations know of the loss's settings. */
  measuredBy?(spec: LossSpec): TaskDefinition;
  /** Of the evaluation graph: what its metrics are made of, beside the losses. */
  readonly outputs: readonly string[];
  /** Rows of logits that the head has, of a head whose size the task decides. */
  headSize(labelNames: readonly string[]): number | undefined;
  /** `chance`: of a loss that is minimised in place of the task's. Metrics of one split, batch after batch; logits are looked at once and never kept. */
  accumulator(labelNames: readonly string[], chance?: Chance): MetricAccumulator;
  /** What is made of the outputs of a batch before they are measured and kept: further ones, by name. */
  decide?(outputs: EvaluatedBatch['outputs'], of: BatchExamples): EvaluatedBatch['outputs'];
  /** What is kept of each row beside its loss, if anything. */
  readonly rows?: RowPredictions | undefined;
  /** What is resampled for intervals: metrics of any rows of a split. */
  measure(rows: MeasuredRows, labelNames: readonly string[]): Measure;
  /** Of tasks whose schema says what is measured of texts that the model writes: those metrics. */
  measureTexts?(texts: readonly WrittenText[]): Measure;
  readonly verdict: VerdictFacts;
  /** What `predict` does with texts: reads them as a whole or word by word, writes them on, fills in their hidden tokens, or finds the answers to them in another text. */
  readonly prediction: 'embed' | 'classify' | 'tag' | 'generate' | 'fill' | 'find';
  /** What a head's row of logits says about a text; of tasks whose texts are read. */
  read?(logits: ArrayLike<number>, labelNames: readonly string[]): Reading;
  /** What the rows of logits of a text's words say; of tasks that read them. */
  readWords?(text: string, words: readonly ReadWord[], labelNames: readonly string[]): Reading;
  /** What a row of logits says of a hidden token, the likeliest first; of tasks that fill them in. */
  readHidden?(logits: ArrayLike<number>): readonly LikelyToken[];
  /** What the rows of logits of a question and a passage, [tokens, 2], say; of tasks that find a stretch of it. */
  readSpan?(logits: ArrayLike<number>, passage: SpanPassage): Reading;
  readonly card: CardWords;
}

/** Where a passage's tokens are. */
export type SpanPassage = Pick<Passage, 'text' | 'first' | 'starts' | 'ends'>;

/** Examples of a split, in the order of a batch. */
export interface BatchExamples {
  readonly split: TokenizedSplit;
  readonly indices: ArrayLike<number>;
}

export type WritingTask = Required<Pick<TaskDefinition, 'measureTexts'>>;

/** A stretch of a text, in UTF-16 units. */
export interface Word {
  readonly start: number;
  readonly end: number;
}

/** A word with what the model says of it: a row of logits. */
interface ReadWord extends Word {
  readonly logits: ArrayLike<number>;
}

/** Neighbouring words of one type; its text is the stretch from the first to the last of them. */
interface Entity extends Word {
  readonly label: string;
  readonly text: string;
  /** Mean probability of the tags of its words. */
  readonly score: number;
}

/** A token that a hidden one of a text may be. */
interface Filling {
  readonly token: string;
  readonly score: number;
}

/** What a model says of a text: a class with its probability, classes, a number, what is named in it, what is hidden in it, or an answer found in another. */
export interface Reading {
  readonly label?: string;
  /** Probability of the label, or of the answer. */
  readonly score?: number;
  /** Classes that are likelier than not, the likeliest first. */
  readonly labels?: readonly string[];
  readonly value?: number;
  readonly embedding?: readonly number[];
  readonly entities?: readonly Entity[];
  /** Of each hidden token, the likeliest first. */
  readonly fills?: readonly (readonly Filling[])[];
  /** The stretch of the passage that answers; empty: there is none. */
  readonly answer?: string;
  /** Where it stands, in UTF-16 units. */
  readonly start?: number;
  readonly end?: number;
  readonly probabilities?: Readonly<Record<string, number>>;
}

export interface EvaluatedBatch {
  readonly labels: Int32Array | Float32Array;
  /** Labels of each example, in order, where an example has several. */
  readonly countedIn?: readonly number[] | undefined;
  /** What the sum of losses is divided by. */
  readonly counted: number;
  readonly lossSum: number;
  readonly outputs: Readonly<Record<string, ArrayLike<number>>>;
  /** Which examples these are. */
  readonly of?: BatchExamples | undefined;
}

export interface MetricAccumulator {
  add(batch: EvaluatedBatch): void;
  result(): Metrics;
}

/** Numbers that a model says of each counted row of a split. */
export interface RowPredictions {
  readonly dtype: 'i32' | 'f32';
  /** The output that it is read from, in place of `logits`. */
  readonly output?: string;
  /** So many numbers for each row of logits. */
  width(classes: number): number;
  /** Writes those of the row of logits at `from`, which is as long as the head. */
  write(
    logits: ArrayLike<number>,
    from: number,
    length: number,
    into: Int32Array | Float32Array,
    at: number,
  ): void;
}

/** What one model makes of each row of a split. */
export interface MeasuredRows {
  readonly split: TokenizedSplit;
  /** Nats, summed over what is counted of the row. */
  readonly loss: ArrayLike<number>;
  readonly counted: ArrayLike<number>;
  readonly predicted: ArrayLike<number> | undefined;
}

/** A statistic of drawn rows, whose values have names. */
export interface Measure {
  readonly metrics: readonly string[];
  /** Shares of right rows among all rows, which have an interval of their own (Wilson's), where there are such. */
  readonly shares?: {
    /** Whether the model is right about a row. */
    hit(row: number): boolean;
    readonly names: readonly string[];
    /** What is known as well where every row is a hit, or none. */
    readonly namesOfAll: readonly string[];
  };
  reset(): void;
  add(row: number): void;
  values(): readonly number[];
}

export interface VerdictFacts {
  /** Whom it is compared with to see whether anything was learnt: who knows the data's shares alone, or the model before. */
  readonly learntAgainst: 'chance' | 'base';
  /** Too wide an interval of this metric says that the test split is too small. */
  readonly precision: { readonly metric: string; readonly widest: number };
}

/** What the model card says of the task. */
export interface CardWords {
  /** `text classification` */
  readonly words: string;
  /** `pipeline_tag` of model hubs. */
  readonly tag: string;
  /** transformers' class that loads any model of the task. */
  readonly autoClass: string;
  /** The text of the example; default `your text`. */
  readonly prompt?: string;
  /** Flags of `temper predict` in the example. */
  readonly predictFlags: string;
  /** Lines of a Python program before the imports of torch. */
  readonly imports: readonly string[];
  /** Lines of a Python program that loads the model and uses it once. */
  usage(model: CardModel): readonly string[];
}

export interface CardModel extends Pick<ModelMeta, 'maxLength'> {
  /** The exported model. */
  readonly folder: string;
  /** Of an adapter: the exported base model. */
  readonly base: string | undefined;
  /** Its tokenizer has a chat template. */
  readonly chat: boolean;
  /** The text of the example. */
  readonly prompt: string;
}
