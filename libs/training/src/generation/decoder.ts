import type { Forward } from '@temper/models';
import { float32, int32, type Session, type Tensor, type Tensors } from '../session.js';
import { KeyValueCache } from './cache.js';

/** A graph with the `cached` attention, and what stands in front of its texts. */
export type GenerationGraph = Pick<Forward, 'graph' | 'virtualTokens' | 'prefixTokens'>;

/**
 * Sequences that grow, with the keys and values of their tokens so far. What a token costs does not depend on how many were written
 * before it, but for the products of attention themselves.
 */
export class Decoder {
  private readonly cache: KeyValueCache;
  private readonly lengths: number[];
  private readonly vocabulary: number;
  private logits: Tensor = float32(new Float32Array(0));

  constructor(
    private readonly session: Session,
    private readonly model: GenerationGraph,
    /** Weights that are inputs of the graph. */
    private readonly weights: Tensors = {},
    /** Sequences. */
    rows = 1,
  ) {
    this.cache = new KeyValueCache(model.graph, rows);
    this.lengths = new Array<number>(rows).fill(0);
    this.vocabulary = model.graph.outputs.find(({ name }) => name === 'logits')!.shape.at(-1) as number;
  }

  /** Reads tokens of the one sequence; returns as `readRows` does. */
  async read(ids: readonly number[]): Promise<Float32Array> {
    return (await this.readRows([ids]))[0]!;
  }

  /**
   * Reads tokens of each sequence, of some none; returns the logits of what comes after the last of them, [vocabulary], in memory that
   * the next call writes over; of a sequence that reads nothing, undefined.
   */
  async readRows(given: readonly (readonly number[])[]): Promise<(Float32Array | undefined)[]> {
    const rows = given.map((ids, row) => (ids.length ? [...this.inFront(row), ...ids] : []));
    const longest = Math.max(...rows.map((ids) => ids.length));
    this.cache.reserve(this.model.prefixTokens + Math.max(...this.lengths) + longest);
    const logits = this.logitsOf(rows.filter((ids) => ids.length).length);
    await this.session.run(
      { ...this.weights, ...this.cache.feeds, ...batchOf(rows, longest, this.lengths) },
      { logits, ...this.cache.fetches },
    );
    rows.forEach((ids, row) => (this.lengths[row]! += ids.length));
    const data = logits.data as Float32Array;
    let end = 0;
    return rows.map(({ length }) => (length ? data.subarray(end, (end += this.vocabulary)) : undefined));
  }

  /** Of so many sequences: the memory of the last call, where that were as many. */
  private logitsOf(rows: number): Tensor {
    const { vocabulary } = this;
    if (this.logits.dims[0] !== rows)
      this.logits = float32(new Float32Array(rows * vocabulary), [rows, vocabulary]);
    return this.logits;
  }

  private inFront(row: number): number[] {
    return new Array<number>(this.lengths[row] ? 0 : this.model.virtualTokens).fill(0);
  }
}

/** `rows` with padding at their ends, behind `past` tokens each. */
function batchOf(rows: readonly (readonly number[])[], longest: number, past: readonly number[]): Tensors {
  const shape = [rows.length, longest];
  const ids = new Int32Array(rows.length * longest);
  const mask = new Int32Array(rows.length * longest);
  rows.forEach((row, i) => {
    ids.set(row, i * longest);
    mask.fill(1, i * longest, i * longest + row.length);
  });
  const places = rows.flatMap((row, i) => row.map((_, t) => [i, t]));
  let read = 0;
  const lasts = rows.flatMap(({ length }) => (length ? [(read += length) - 1] : []));
  return {
    input_ids: int32(ids, shape),
    attention_mask: int32(mask, shape),
    token_places: int32(Int32Array.from(places.flat()), [places.length, 2]),
    label_positions: int32(Int32Array.from(lasts)),
    past_length: int32(Int32Array.from(past)),
  };
}
