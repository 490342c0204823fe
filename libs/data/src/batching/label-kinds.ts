import { IGNORED_LABEL, type Batch, type LabelKind, type TokenizedSplit } from '@temper/contracts';
import { examplesOf, sequencesOf } from './examples.js';

/** The part of a batch that labels decide on. */
export type Targets = Pick<
  Batch,
  'labels' | 'labelWidth' | 'labelPositions' | 'labelRows' | 'labelCounts' | 'reference' | 'counted'
>;

/** What is done with the labels of a split, by how they are stored. */
interface Labels {
  /** Of kinds with a label a token: the first token that can count. */
  readonly first?: number;
  /** They are tokens themselves. */
  readonly areTokens?: true;
  targets(split: TokenizedSplit, indices: ArrayLike<number>): Targets;
  /** Rows of logits that belong to an example. */
  countedIn(split: TokenizedSplit, example: number): number;
  /** Whether a split can have so many labels. */
  fits(size: { readonly labels: number; readonly examples: number; readonly tokens: number }): boolean;
}

/** What is learnt of a token is learnt at its own place. */
const eachToken: Labels = {
  first: 0,
  targets: (split, indices) => ofTokens(split, indices, 0),
  countedIn: (split, example) => countedFrom(split, example, 0),
  fits: ({ labels, tokens }) => labels === tokens,
};

/** A kind without an entry is a type error. */
export const labelKinds: { readonly [K in LabelKind]: Labels } = {
  class: {
    targets: (split, indices) => ({
      labels: Int32Array.from(indices, (i) => split.labels[i]!),
      labelPositions: lastTokens(split, indices),
      counted: indices.length,
    }),
    countedIn: () => 1,
    fits: ({ labels, examples }) => labels === examples,
  },
  flags: {
    targets(split, indices) {
      const { labels } = split;
      const width = labels.length / examplesOf(split);
      const rows = Array.from(indices, (i) => labels.subarray(width * i, width * (i + 1)));
      const flags = new Float32Array(width * rows.length);
      rows.forEach((row, i) => flags.set(row, width * i));
      const labelPositions = lastTokens(split, indices);
      return { labels: flags, labelWidth: width, labelPositions, counted: indices.length };
    },
    countedIn: () => 1,
    fits: ({ labels, examples }) => labels % examples === 0 && labels > 0,
  },
  value: {
    targets: (split, indices) => ({
      labels: new Float32Array(Int32Array.from(indices, (i) => split.labels[i]!).buffer),
      labelPositions: lastTokens(split, indices),
      counted: indices.length,
    }),
    countedIn: () => 1,
    fits: ({ labels, examples }) => labels === examples,
  },
  span: {
    targets: (split, indices) => ({
      labels: Int32Array.from(
        { length: 2 * indices.length },
        (_, i) => split.labels[2 * indices[i >> 1]! + (i & 1)]!,
      ),
      labelWidth: 2,
      labelPositions: allTokens(split, indices),
      counted: indices.length,
    }),
    countedIn: () => 1,
    fits: ({ labels, examples }) => labels === 2 * examples,
  },
  tag: eachToken,
  masked: { ...eachToken, areTokens: true },
  token: {
    first: 1,
    areTokens: true,
    targets: nextTokens,
    // As batching counts: the first token of a row has nothing that it could be predicted from.
    countedIn: (split, example) => countedFrom(split, example, 1),
    fits: ({ labels, tokens }) => labels === tokens,
  },
  pair: {
    first: 1,
    areTokens: true,
    targets: (split, indices) => ({
      ...nextTokens(split, indices),
      reference: referenceOf(split, indices),
      counted: indices.length,
    }),
    countedIn: () => 1,
    fits: ({ labels, tokens }) => labels === tokens,
  },
};

/** [pairs, 2] */
function referenceOf({ reference }: TokenizedSplit, indices: ArrayLike<number>): Float32Array {
  const ofPairs = new Float32Array(2 * indices.length);
  if (reference) Array.from(indices, (i, at) => ofPairs.set(reference.subarray(2 * i, 2 * i + 2), 2 * at));
  return ofPairs;
}

/** Labels that count, of all sequences of an example: but for the first `first` tokens of each. */
function countedFrom(split: TokenizedSplit, example: number, first: number): number {
  let counted = 0;
  for (const i of Array.from(sequencesOf(split, [example])))
    for (let at = split.offsets[i]! + first; at < split.offsets[i + 1]!; at++)
      if (split.labels[at] !== IGNORED_LABEL) counted++;
  return counted;
}

export const countedIn = (split: TokenizedSplit, example: number): number =>
  labelKinds[split.labelKind].countedIn(split, example);

/** The row of each sequence's last token: where a decoder, that has seen all of it there, reads its class. */
function lastTokens(split: TokenizedSplit, indices: ArrayLike<number>): Int32Array {
  const { offsets } = split;
  let rows = 0;
  return Int32Array.from(sequencesOf(split, indices), (i) => (rows += offsets[i + 1]! - offsets[i]!) - 1);
}

/** The rows of all tokens. */
const allTokens = ({ offsets }: TokenizedSplit, indices: ArrayLike<number>): Int32Array =>
  Int32Array.from(
    { length: Array.from(indices).reduce((sum, i) => sum + offsets[i + 1]! - offsets[i]!, 0) },
    (_, row) => row,
  );

/** The shift by one is here: position t predicts token t+1, so a counted label at t+1 gives the row of the token at t. */
function nextTokens(split: TokenizedSplit, indices: ArrayLike<number>): Targets {
  return ofTokens(split, indices, 1);
}

/** Counted labels, and of each the row `shift` before its token. */
function ofTokens(split: TokenizedSplit, indices: ArrayLike<number>, shift: number): Targets {
  const labelPositions: number[] = [];
  const labels: number[] = [];
  const labelRows: number[] = [];
  const sequences = sequencesOf(split, indices);
  const labelCounts = new Int32Array(sequences.length);
  let row = 0;
  for (let b = 0; b < sequences.length; b++) {
    const start = split.offsets[sequences[b]!]!;
    const end = split.offsets[sequences[b]! + 1]!;
    for (let at = start + shift; at < end; at++) {
      if (split.labels[at] === IGNORED_LABEL) continue;
      labelPositions.push(row + (at - start - shift));
      labels.push(split.labels[at]!);
      labelRows.push(b);
      labelCounts[b]!++;
    }
    row += end - start;
  }
  return {
    labels: Int32Array.from(labels),
    labelPositions: Int32Array.from(labelPositions),
    counted: labels.length,
    ...(sequences.length > indices.length ? { labelRows: Int32Array.from(labelRows), labelCounts } : {}),
  };
}
