import type { Graph } from '@temper/graph';
import { float32, int32, type Session, type Tensor, type Tensors } from '../session.js';

const PAST = 'past_key_values.';
const PRESENT = 'present.';

/**
 * One sequence that grows: a graph with the `cached` attention, and the keys and values of the tokens so far. What a token costs does
 * not depend on how many were written before it, but for the attention itself.
 */
export class Decoder {
  private cache: Record<string, Tensor>;
  private length = 0;

  constructor(
    private readonly session: Session,
    graph: Graph,
    /** Tokens of no text in front of all others. */
    private readonly virtualTokens = 0,
    /** Weights that are inputs of the graph. */
    private readonly weights: Tensors = {},
  ) {
    // [batch, kvHeads, past, headSize]
    const pasts = graph.inputs.filter(({ name }) => name.startsWith(PAST));
    this.cache = Object.fromEntries(
      pasts.map(({ name, shape }) => {
        const dims = [1, shape[1] as number, 0, shape[3] as number];
        return [name, float32(new Float32Array(0), dims)];
      }),
    );
  }

  /** Reads tokens; returns the logits of what comes after the last of them: [vocabulary]. */
  async read(given: readonly number[]): Promise<Float32Array> {
    const virtual = this.length === 0 ? this.virtualTokens : 0;
    const ids = [...new Array<number>(virtual).fill(0), ...given];
    const wanted = Object.keys(this.cache).map((name) => PRESENT + name.slice(PAST.length));
    const fetches = Object.fromEntries(['logits', ...wanted].map((name) => [name, null]));
    const results: Tensors = await this.session.run(
      { ...this.weights, ...this.cache, ...this.feeds(ids) },
      fetches,
    );
    this.cache = Object.fromEntries(
      wanted.map((name) => [PAST + name.slice(PRESENT.length), results[name]!]),
    );
    this.length += ids.length;
    return results.logits!.data as Float32Array;
  }

  private feeds(ids: readonly number[]): Tensors {
    const { length } = ids;
    return {
      input_ids: int32(Int32Array.from(ids), [1, length]),
      attention_mask: int32(new Int32Array(length).fill(1), [1, length]),
      token_places: int32(Int32Array.from(ids.flatMap((_, t) => [0, t])), [length, 2]),
      label_positions: int32(Int32Array.of(length - 1)),
      past_length: int32(Int32Array.of(this.length)),
    };
  }
}
