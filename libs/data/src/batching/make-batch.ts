import { IGNORED_LABEL, type Batch, type TokenizedSplit } from '@temper/contracts';

/**
 * Pads the examples on the right to the longest of them.
 * The shift by one is here: position t predicts token t+1, so a counted label at t+1 gives the row of the token at t.
 */
export function makeBatch(
  split: TokenizedSplit,
  indices: ArrayLike<number>,
  { padTokenId }: { padTokenId: number },
): Batch {
  const batchSize = indices.length;
  const lengths = Array.from(indices, (i) => split.offsets[i + 1]! - split.offsets[i]!);
  const sequenceLength = Math.max(0, ...lengths);
  const inputIds = new Int32Array(batchSize * sequenceLength).fill(padTokenId);
  const attentionMask = new Int32Array(batchSize * sequenceLength);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const places = new Int32Array(2 * tokens);
  let token = 0;
  for (let b = 0; b < batchSize; b++) {
    const start = split.offsets[indices[b]!]!;
    const row = b * sequenceLength;
    inputIds.set(split.inputIds.subarray(start, start + lengths[b]!), row);
    attentionMask.fill(1, row, row + lengths[b]!);
    for (let t = 0; t < lengths[b]!; t++, token++) places.set([b, t], 2 * token);
  }
  const targets = split.labelKind === 'class' ? classes(split, indices) : nextTokens(split, indices);
  return {
    batchSize,
    sequenceLength,
    inputIds,
    attentionMask,
    places,
    ...targets,
    tokens,
    paddedTokens: inputIds.length - tokens,
    counted: targets.labels.length,
  };
}

function classes(split: TokenizedSplit, indices: ArrayLike<number>) {
  return { labels: Int32Array.from(indices, (i) => split.labels[i]!), labelPositions: new Int32Array(0) };
}

function nextTokens(split: TokenizedSplit, indices: ArrayLike<number>) {
  const labelPositions: number[] = [];
  const labels: number[] = [];
  let row = 0;
  for (let b = 0; b < indices.length; b++) {
    const start = split.offsets[indices[b]!]!;
    const end = split.offsets[indices[b]! + 1]!;
    for (let at = start + 1; at < end; at++) {
      if (split.labels[at] === IGNORED_LABEL) continue;
      labelPositions.push(row + (at - start - 1));
      labels.push(split.labels[at]!);
    }
    row += end - start;
  }
  return { labels: Int32Array.from(labels), labelPositions: Int32Array.from(labelPositions) };
}
