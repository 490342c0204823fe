import type { Batch, Masking, TokenizedSplit } from '@temper/contracts';
import { epochPlan, examplesOf, makeBatch, makePackedBatch, maskedForEpoch, packRows } from '@temper/data';
import type { PipelineSpec } from '@temper/spec';

/** The micro-batches of a training, by their place in the order of the data. */
export interface TrainBatches {
  /** Rows of an epoch: examples, or packed rows of several. */
  readonly rows: number;
  at(epoch: number, batch: number): Batch;
}

/** The order of an epoch, and what it hides, follow from (seed, epoch) alone, so a resumed run meets the same batches. */
export function trainBatches(
  split: TokenizedSplit,
  { training, tokenize }: Pick<PipelineSpec, 'training' | 'tokenize'>,
  { masking, ...padding }: { readonly padTokenId: number; readonly masking?: Masking | undefined },
): TrainBatches {
  const { offsets } = split;
  const packed = tokenize.packing
    ? packRows({ offsets, maxLength: tokenize.maxLength, seed: training.seed })
    : undefined;
  const rows = packed ? { offsets: offsetsOf(packed, offsets) } : split;
  const { seed, mlmProbability: probability } = training;
  const seenIn = (epoch: number) =>
    masking && probability !== undefined
      ? maskedForEpoch(split, { masking, probability }, { seed, epoch })
      : split;
  let planned: { epoch: number; batches: Int32Array[]; seen: TokenizedSplit } | undefined;
  return {
    rows: examplesOf(rows),
    at(epoch, batch) {
      if (planned?.epoch !== epoch) {
        const batches = epochPlan({ split: rows, batchSize: training.trainBatchSize, epoch, ...training });
        planned = { epoch, batches, seen: seenIn(epoch) };
      }
      const indices = planned.batches[batch]!;
      const { seen } = planned;
      if (!packed) return makeBatch(seen, indices, padding);
      return makePackedBatch(
        seen,
        Array.from(indices, (row) => packed[row]!),
        padding,
      );
    },
  };
}

/** As if each packed row were one example. */
function offsetsOf(packed: readonly Int32Array[], examples: Int32Array): Int32Array {
  const offsets = new Int32Array(packed.length + 1);
  packed.forEach((row, i) => {
    const length = row.reduce((sum, example) => sum + examples[example + 1]! - examples[example]!, 0);
    offsets[i + 1] = offsets[i]! + length;
  });
  return offsets;
}
