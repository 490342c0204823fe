export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

/** One row after column mapping. Which fields are there follows from `dataset.columns`. */
export interface Example {
  readonly text?: string;
  /** The class as written in the source (numbers as decimal text). */
  readonly label?: string;
  readonly prompt?: string;
  readonly completion?: string;
  readonly messages?: readonly ChatMessage[];
  readonly inputIds?: readonly number[];
  /** Already tokenised: one label a token (−100 = not counted), or one class number. */
  readonly labels?: readonly number[] | number;
}

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** Files: `SPLIT.jsonl`, one Example a line, only the splits that the sources give. */
export interface DatasetMeta {
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: Readonly<Partial<Record<SplitName, number>>>;
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
};
export type DropReason = keyof typeof noneDropped;

/** Why rows were left out, so that nothing disappears silently. */
export interface CleaningReport {
  readonly read: number;
  readonly kept: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** A few dropped rows a reason: `{reason, split, row, text (shortened)}`. */
  readonly samples: readonly { reason: string; split: string; row: number; text: string }[];
}
