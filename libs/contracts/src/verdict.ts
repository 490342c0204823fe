/** The worst first. */
export const verdictNames = [
  'collapsed',
  'worse-than-base',
  'diverging',
  'overfit',
  'underfit',
  'too-little-data',
  'fine',
] as const;
export type VerdictName = (typeof verdictNames)[number];

/** What became of a training, for whoever has to decide what to do next. */
export interface Verdict {
  readonly name: VerdictName;
  /** In one line, with the numbers that it rests on. */
  readonly evidence: string;
  /** The setting of the spec to change first, as it is written there: `training.epochs: 2`. */
  readonly change?: string | undefined;
  /** The model is not published because of it. */
  readonly refuses?: boolean | undefined;
}

/** Fine-tuned model against base model on the same test rows. */
export interface Comparison {
  readonly metric: string;
  readonly rows: number;
  readonly base: number;
  readonly test: number;
  /** Of `test − base`: 95%, by a paired bootstrap over the rows. */
  readonly interval: readonly [low: number, high: number];
}

/**
 * A share of the learning rate, as a setting: two digits are enough for a first try.
 */
export const learningRateChange = (learningRate: number, factor: number): string =>
  `training.learningRate: ${Number((learningRate * factor).toPrecision(2))}`;
