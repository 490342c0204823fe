import type { DropReason, SplitName } from './dataset.js';

/**
 * What the rows say about how far a result can be trusted. The same in the tokens artifact, in `RunResult.data`, in
 * report.json and on the model card; a few kilobytes whatever the data set.
 */
export interface DataReport {
  readonly leaks: LeakReport;
  readonly warnings: readonly DataWarning[];
  /** Of a classifier. */
  readonly head?: HeadReport | undefined;
  /** Where train is a list of sources: what became of the rows of each, in their order. */
  readonly sources?: readonly (RowsOfSource & { readonly source?: string })[] | undefined;
}

/** Rows of one of several sources. `rows` = `kept` + all of `dropped`. */
export interface RowsOfSource {
  readonly weight: number;
  /** Read. */
  readonly rows: number;
  /** Left by cleaning and tokenisation, each counted once. */
  readonly kept: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** Examples of train in an epoch: those kept that are trained on, as often as the weight says. */
  readonly examples: number;
}

/** Rows that splits have in common, whatever `dataset.clean` drops: a test of what was trained on measures nothing. */
export interface LeakReport {
  /** Rows of validation and test. */
  readonly rows: number;
  /** Those of them that have an equal text in an earlier split (train; for test also validation), each once. */
  readonly exact: number;
  /** Those, of the ones compared, that have a nearly equal text there and no equal one. */
  readonly near: number;
  /** Rows of validation and test that were looked at for `near`: all, or a seeded sample. */
  readonly compared: number;
  /** Least Jaccard similarity of the sets of five-word shingles of nearly equal texts. */
  readonly threshold: number;
  /** The same by split and where the text was found; only where there is one. */
  readonly between: readonly {
    readonly split: 'validation' | 'test';
    readonly of: 'train' | 'validation';
    /** Of the split. */
    readonly rows: number;
    readonly exact: number;
    readonly near: number;
  }[];
  readonly samples: readonly LeakSample[];
}

export interface LeakSample {
  readonly kind: 'exact' | 'near';
  readonly split: 'validation' | 'test';
  /** As errors name rows: `dataset.test row 7`. */
  readonly row: string;
  readonly of: 'train' | 'validation';
  readonly ofRow: string;
  /** Jaccard similarity; 1 for equal texts. */
  readonly similarity: number;
  /** The beginning of the text. */
  readonly text: string;
}

export const dataWarnings = [
  /** Rows in common between splits; the counts are in `leaks`. */
  'leak',
  /** A class without a row to train on. */
  'class-not-in-train',
  /** A class without a row in validation and test. */
  'class-not-measured',
  /** Fewer rows of a class than there are splits. */
  'class-too-small',
  /** Labels that differ only by white space, case or Unicode form. */
  'label-spelling',
  /** Labels that are one number written in several ways: `0` and `0.0`. */
  'label-number',
] as const;
export type DataWarningCode = (typeof dataWarnings)[number];

export interface DataWarning {
  readonly code: DataWarningCode;
  /** How many rows, classes or groups of labels it is about. */
  readonly count: number;
  /** One line for people. */
  readonly message: string;
}

/** What became of the classification head of the base model's files. */
export interface HeadReport {
  /** `own`: the base model's, trained further; `new`: made from the seed. */
  readonly from: 'own' | 'new';
  /** One line for people: why. */
  readonly message: string;
}

/** How many rows a class has in each split. */
export type ClassRows = Readonly<Partial<Record<SplitName, readonly number[]>>>;

/** The part of an artifact's fields that is the report, with what its sources are called; undefined where there is none. */
export function dataReportOf(
  { leaks, warnings = [], head, sources }: Partial<DataReport>,
  names: readonly string[] = [],
): DataReport | undefined {
  const named = sources?.map((rows, i) => ({ source: names[i] ?? `source ${i + 1}`, ...rows }));
  return leaks && { leaks, warnings, ...(head ? { head } : {}), ...(named ? { sources: named } : {}) };
}
