import type { Batch } from '@temper/contracts';
import { int32, type Tensor } from './session.js';

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
>;

/** A batch as the inputs of a forward graph (see `buildForward` of @temper/models). */
export function batchFeeds(batch: Inputs): Record<string, Tensor> {
  const dims = [batch.batchSize, batch.sequenceLength];
  const { positionIds, segmentIds } = batch;
  return {
    input_ids: int32(batch.inputIds, dims),
    attention_mask: int32(batch.attentionMask, dims),
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
