import type { Graph } from '@temper/graph';
import { float32, type Tensor, type Tensors } from '../session.js';

const PAST = 'past_key_values.';
const PRESENT = 'present.';
/** What it grows by at least: few enough to attend to in vain, many enough that moving is rare. */
const SLOTS = 64;
const GROWTH = 1.5;

/**
 * Keys and values of a graph with the `cached` attention: [rows, kvHeads, slots, headSize] of each layer. The graph reads and writes the
 * same memory, of which a token changes one slot, so nothing of it is copied but when it grows.
 */
export class KeyValueCache {
  /** By the names of the graph's inputs, and by those of its outputs: the same tensors. */
  feeds: Tensors;
  fetches: Tensors = {};
  private slots = 0;

  constructor(graph: Pick<Graph, 'inputs'>, rows: number) {
    const pasts = graph.inputs.filter(({ name }) => name.startsWith(PAST));
    this.feeds = Object.fromEntries(
      pasts.map(({ name, shape }) => [name, empty([rows, shape[1] as number, 0, shape[3] as number])]),
    );
  }

  /** Has at least so many slots from now on. */
  reserve(slots: number): void {
    if (slots <= this.slots) return;
    this.slots = SLOTS * Math.ceil(Math.max(slots, GROWTH * this.slots) / SLOTS);
    const grown = Object.entries(this.feeds).map(([name, tensor]) => [name, withSlots(tensor, this.slots)]);
    this.feeds = Object.fromEntries(grown) as Tensors;
    this.fetches = Object.fromEntries(
      Object.entries(this.feeds).map(([name, tensor]) => [PRESENT + name.slice(PAST.length), tensor]),
    );
  }
}

/** Of the keys and values of one token, in all layers. */
export const bytesPerToken = ({ inputs }: Pick<Graph, 'inputs'>): number =>
  inputs
    .filter(({ name }) => name.startsWith(PAST))
    .reduce((sum, { shape }) => sum + 4 * (shape[1] as number) * (shape[3] as number), 0);

function withSlots({ data, dims }: Tensor, slots: number): Tensor {
  const [rows, heads, before, size] = dims as [number, number, number, number];
  const grown = empty([rows, heads, slots, size]);
  for (let head = 0; head < rows * heads; head++) {
    const own = data.subarray(head * before * size, (head + 1) * before * size);
    (grown.data as Float32Array).set(own as Float32Array, head * slots * size);
  }
  return grown;
}

/** Zeros: slots that hold nothing weigh nothing, and must be finite for it. */
const empty = (dims: readonly number[]): Tensor =>
  float32(new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
