import type { Batch, TokenizedSplit } from '@temper/contracts';
import { labelKinds } from './label-kinds.js';

/** Pads the examples on the right to the longest of them. */
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
  return {
    batchSize,
    sequenceLength,
    inputIds,
    attentionMask,
    places,
    ...labelKinds[split.labelKind].targets(split, indices),
    tokens,
    paddedTokens: inputIds.length - tokens,
  };
}
