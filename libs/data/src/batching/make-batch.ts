import { IGNORED_LABEL, type Batch, type TokenizedSplit } from '@temper/contracts';

/**
 * Pads the examples on the right to the longest of them.
 * The shift by one is here: position t predicts token t+1, so a counted label at t+1 gives the flat place b·S+t.
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
  for (let b = 0; b < batchSize; b++) {
    const start = split.offsets[indices[b]!]!;
    const row = b * sequenceLength;
    inputIds.set(split.inputIds.subarray(start, start + lengths[b]!), row);
    attentionMask.fill(1, row, row + lengths[b]!);
  }
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const targets =
    split.labelKind === 'class' ? classes(split, indices) : nextTokens(split, indices, sequenceLength);
  return {
    batchSize,
    sequenceLength,
    inputIds,
    attentionMask,
    ...targets,
    tokens,
    paddedTokens: inputIds.length - tokens,
    counted: targets.labels.length,
  };
}

function classes(split: TokenizedSplit, indices: ArrayLike<number>) {
  return { labels: Int32Array.from(indices, (i) => split.labels[i]!), labelPositions: new Int32Array(0) };
}

function nextTokens(split: TokenizedSplit, indices: ArrayLike<number>, sequenceLength: number) {
  const labelPositions: number[] = [];
  const labels: number[] = [];
  for (let b = 0; b < indices.length; b++) {
    const start = split.offsets[indices[b]!]!;
    const end = split.offsets[indices[b]! + 1]!;
    for (let at = start + 1; at < end; at++) {
      if (split.labels[at] === IGNORED_LABEL) continue;
      labelPositions.push(b * sequenceLength + (at - start - 1));
      labels.push(split.labels[at]!);
    }
  }
  return { labels: Int32Array.from(labels), labelPositions: Int32Array.from(labelPositions) };
}
