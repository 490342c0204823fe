import type { Batch, TokenizedSplit } from '@temper/contracts';
import { sequencesOf } from './examples.js';
import { labelKinds } from './label-kinds.js';

interface Padding {
  readonly padTokenId: number;
}

/** Pads the examples' sequences, example after example, on the right to the longest of them. */
export const makeBatch = (split: TokenizedSplit, indices: ArrayLike<number>, padding: Padding): Batch =>
  layOut(
    split,
    Array.from(sequencesOf(split, indices), (sequence) => [sequence]),
    padding,
    indices,
  );

/**
 * Rows of several examples, one behind the other, padded on the right to the longest row. Positions begin anew with each example, and
 * its number in the row, from 1, is the segment of its tokens.
 */
export function makePackedBatch(
  split: TokenizedSplit,
  rows: readonly ArrayLike<number>[],
  padding: Padding,
): Batch {
  const batch = layOut(
    split,
    rows,
    padding,
    rows.flatMap((row) => Array.from(row)),
  );
  const positionIds = new Int32Array(batch.inputIds.length);
  const segmentIds = new Int32Array(batch.inputIds.length);
  rows.forEach((examples, b) => {
    let at = b * batch.sequenceLength;
    for (let segment = 1; segment <= examples.length; segment++) {
      const length = lengthOf(split, examples[segment - 1]!);
      segmentIds.fill(segment, at, at + length);
      for (let position = 0; position < length; position++, at++) positionIds[at] = position;
    }
  });
  return { ...batch, positionIds, segmentIds };
}

const lengthOf = ({ offsets }: TokenizedSplit, example: number): number =>
  offsets[example + 1]! - offsets[example]!;

/** `rows` of sequences, of these examples. */
function layOut(
  split: TokenizedSplit,
  rows: readonly ArrayLike<number>[],
  { padTokenId }: Padding,
  examples: ArrayLike<number>,
): Batch {
  const lengths = rows.map((examples) =>
    Array.from(examples).reduce((sum, example) => sum + lengthOf(split, example), 0),
  );
  const sequenceLength = Math.max(0, ...lengths);
  const inputIds = new Int32Array(rows.length * sequenceLength).fill(padTokenId);
  const attentionMask = new Int32Array(inputIds.length);
  const tokenTypes = split.tokenTypes && new Int32Array(inputIds.length);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const places = new Int32Array(2 * tokens);
  let token = 0;
  for (let b = 0; b < rows.length; b++) {
    let at = b * sequenceLength;
    attentionMask.fill(1, at, at + lengths[b]!);
    for (const example of Array.from(rows[b]!)) {
      const [from, to] = [split.offsets[example]!, split.offsets[example + 1]!];
      inputIds.set(split.inputIds.subarray(from, to), at);
      tokenTypes?.set(split.tokenTypes!.subarray(from, to), at);
      at += lengthOf(split, example);
    }
    for (let t = 0; t < lengths[b]!; t++, token++) places.set([b, t], 2 * token);
  }
  return {
    batchSize: rows.length,
    sequencesPerExample: split.sequencesPerExample,
    sequenceLength,
    inputIds,
    attentionMask,
    ...(tokenTypes && { tokenTypes }),
    places,
    ...labelKinds[split.labelKind].targets(split, examples),
    tokens,
    paddedTokens: inputIds.length - tokens,
  };
}
