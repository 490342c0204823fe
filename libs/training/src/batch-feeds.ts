import { TemperError, type Batch } from '@temper/contracts';
import { float32, int32, type Tensor } from './session.js';

type Inputs = Pick<
  Batch,
  | 'batchSize'
  | 'sequenceLength'
  | 'tokens'
  | 'inputIds'
  | 'attentionMask'
  | 'places'
  | 'labelPositions'
  | 'positionIds'
  | 'segmentIds'
  | 'tokenTypes'
>;

/** A batch as the inputs of a forward graph (see `buildForward` of @temper/models). */
export function batchFeeds(batch: Inputs): Record<string, Tensor> {
  const dims = [batch.batchSize, batch.sequenceLength];
  const { positionIds, segmentIds } = batch;
  return {
    input_ids: int32(batch.inputIds, dims),
    attention_mask: int32(batch.attentionMask, dims),
    token_type_ids: int32(batch.tokenTypes ?? new Int32Array(batch.inputIds.length), dims),
    token_places: int32(batch.places, [batch.tokens, 2]),
    label_positions: int32(batch.labelPositions),
    ...(positionIds && { position_ids: int32(positionIds, dims) }),
    ...(segmentIds && { segment_ids: int32(segmentIds, dims) }),
  };
}

/** One example without padding; the logits that are asked for are those of `positions`. */
export function exampleFeeds(ids: readonly number[], positions: readonly number[]): Record<string, Tensor> {
  return batchFeeds({
    batchSize: 1,
    sequenceLength: ids.length,
    tokens: ids.length,
    inputIds: Int32Array.from(ids),
    attentionMask: new Int32Array(ids.length).fill(1),
    places: Int32Array.from(ids.flatMap((_, t) => [0, t])),
    labelPositions: Int32Array.from(positions),
  });
}

/** What a loss can read of a batch, by the names of its inputs; see `Loss`. */
const lossFeed: Readonly<Record<string, (batch: Batch) => Tensor | undefined>> = {
  labels: labelsTensor,
  label_places: ({ places, labelPositions }) =>
    int32(
      Int32Array.from(
        { length: 2 * labelPositions.length },
        (_, i) => places[2 * labelPositions[i >> 1]! + (i & 1)]!,
      ),
      [labelPositions.length, 2],
    ),
  label_mask: ({ attentionMask, batchSize, sequenceLength }) =>
    int32(attentionMask, [batchSize, sequenceLength]),
  label_rows: ({ labelRows }) => labelRows && int32(labelRows),
  example_rows: ({ batchSize, sequencesPerExample: n = 1 }) =>
    int32(
      Int32Array.from({ length: batchSize }, (_, row) => row),
      [batchSize / n, n],
    ),
  reference: ({ reference }) => reference && float32(reference, [reference.length / 2, 2]),
  label_counts: ({ labelCounts }) => labelCounts && int32(labelCounts),
};

/** @throws TemperError GRAPH_INVALID for what batches of this data do not have */
export const lossFeeds = (batch: Batch, names: readonly string[]): Record<string, Tensor> =>
  Object.fromEntries(
    names.map((name) => {
      const tensor = lossFeed[name]?.(batch);
      if (tensor) return [name, tensor];
      const message = 'the loss reads something that the batch does not have';
      throw new TemperError('GRAPH_INVALID', { path: name, message });
    }),
  );

/** [labels], or [rows, K] where a row has K of them. */
function labelsTensor({ labels, labelWidth }: Batch): Tensor {
  const dims = labelWidth === undefined ? [labels.length] : [labels.length / labelWidth, labelWidth];
  return labels instanceof Int32Array ? int32(labels, dims) : float32(labels, dims);
}
