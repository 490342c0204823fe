export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

/** One row after column mapping. Which fields are there follows from `dataset.columns`. */
export interface Example {
  readonly text?: string;
  /** The class as written in the source (numbers as decimal text); several as a JSON list, each once, in the order of their code units. */
  readonly label?: string;
  /** Words of a text, and a tag of each as written in the source. */
  readonly tokens?: readonly string[];
  readonly tags?: readonly string[];
  /** A text, one that belongs to it, and one that does not. */
  readonly anchor?: string;
  readonly positive?: string;
  readonly negative?: string;
  /** Two texts, and how alike they are, as decimal text. */
  readonly sentence1?: string;
  readonly sentence2?: string;
  readonly score?: string;
  /** What is asked about `context`, and all the texts there that answer it: none, where it does not say. */
  readonly question?: string;
  readonly context?: string;
  readonly answers?: readonly AnswerSpan[];
  readonly prompt?: string;
  readonly completion?: string;
  /** Two completions of `prompt`, or two conversations that begin alike, of which the first is better. */
  readonly chosen?: string | readonly ChatMessage[];
  readonly rejected?: string | readonly ChatMessage[];
  readonly messages?: readonly ChatMessage[];
  /** The tools that the assistant of `messages` may call: a list, as JSON text. */
  readonly tools?: string;
  readonly inputIds?: readonly number[];
  /** Already tokenised: one label a token (−100 = not counted), or one class number. */
  readonly labels?: readonly number[] | number;
}

/** A stretch of a text; `start` in UTF-16 units. */
export interface AnswerSpan {
  readonly text: string;
  readonly start: number;
}

/** Kinds of examples, each by the field that it alone has. */
export type ExampleKind =
  'messages' | 'chosen' | 'tokens' | 'anchor' | 'sentence1' | 'question' | 'text' | 'prompt' | 'inputIds';

/** The roles of a message; `developer` and `ipython` are those that some templates know besides. */
export const chatRoles = ['system', 'developer', 'user', 'assistant', 'tool', 'function', 'ipython'] as const;

export interface ChatMessage {
  readonly role: string;
  /** Its text; parts of text are joined. */
  readonly content: string;
  /** The whole message as it is written in the data, as JSON, where it has more: tool calls, a name, parts, reasoning. */
  readonly json?: string;
  /** An answer that is read but not learnt. */
  readonly counted?: false;
}

/** Files: `SPLIT.jsonl`, one Example a line, only the splits that the sources give. */
export interface DatasetMeta {
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: Readonly<Partial<Record<SplitName, number>>>;
  /** Where train is a list of sources: how many of its rows are from each, in their order. */
  readonly sources?: readonly number[];
}

/** How many rows were dropped for each reason: none yet. */
export const noneDropped = {
  empty: 0,
  duplicate: 0,
  /** Nearly equal to an earlier row (`clean.dedupe: near`). */
  nearDuplicate: 0,
  conflictingLabel: 0,
  tooShort: 0,
  tooLong: 0,
  /** The answer begins where `tokenize.maxLength` cuts. */
  answerCutOff: 0,
  /** Already tokenised, and all labels after the first token are −100. */
  nothingCounted: 0,
  /** The chat template raises an error on the conversation: a role, or an order of roles, that it does not know. */
  templateRefuses: 0,
  /** The chat template does not write one of the messages, its tool calls, or the tools. */
  messageNotWritten: 0,
  /** It cannot be told which part of the text that the chat template writes is the answer. */
  answerNotFound: 0,
  /** A message has parts that are not text. */
  notText: 0,
};
export type DropReason = keyof typeof noneDropped;

/** Why rows were left out, so that nothing disappears silently. */
export interface CleaningReport {
  readonly read: number;
  readonly kept: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Answers without any text, in conversations that are kept: they are not learnt. */
  readonly emptyAnswers?: number;
  /** Parts of kept conversations that the chat template does not write, as the reasoning of earlier turns. */
  readonly partsNotWritten?: number;
  /** A few dropped rows a reason, with the beginning of their texts. */
  readonly samples: readonly DroppedSample[];
}

export interface DroppedSample {
  readonly reason: string;
  readonly split: string;
  /** From 1; where train is a list of sources, of the source with this number (from 0). */
  readonly row: number;
  readonly source?: number;
  readonly text: string;
  /** In words, where it is said of the row. */
  readonly why?: string;
}
