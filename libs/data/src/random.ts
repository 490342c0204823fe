/**
 * Counter-based random numbers: a pure function of the seed and the place where they are used, so that any of them
 * can be had again after a restart without replaying those before it.
 */

/** MurmurHash3's 32-bit finaliser: every input bit flips every output bit with probability close to 1/2. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const GOLDEN = 0x9e3779b9;

/** 53 random bits as a number in [0, 1), from any list of integers (the whole range of doubles' integers). */
export function uniform(...counters: readonly number[]): number {
  let high = 0x243f6a88;
  let low = 0x85a308d3;
  for (const counter of counters) {
    const words = [counter >>> 0, Math.floor(counter / 2 ** 32) >>> 0];
    for (const word of words) {
      high = mix(high ^ Math.imul(word ^ low, GOLDEN));
      low = mix((low + word + GOLDEN) ^ high);
    }
  }
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}

/** Sites: what a random number is for; two uses never share a stream. */
export const site = {
  epochOrder: 1,
  batchOrder: 2,
  split: 3,
  leakSample: 4,
  packing: 5,
  mask: 6,
  heldOutMask: 7,
  generation: 8,
  weights: 9,
} as const;

/** Numbers that are sorted by one another: a bucket of them, small enough for insertion. */
const BUCKET = 16;

/** The numbers 0 … length−1 in random order: sorted by one random key each (ties by number). 12 bytes a number. */
export function permutation(length: number, ...counters: readonly number[]): Int32Array {
  const keys = Float64Array.from({ length }, (_, i) => uniform(...counters, i));
  // Keys are even in [0, 1): buckets by their size, each sorted by itself.
  const buckets = Math.ceil(length / BUCKET);
  const bucketOf = (i: number) => Math.min(buckets - 1, Math.floor(keys[i]! * buckets));
  const ends = new Int32Array(buckets + 1);
  for (let i = 0; i < length; i++) ends[bucketOf(i) + 1]!++;
  for (let b = 0; b < buckets; b++) ends[b + 1]! += ends[b]!;
  const order = new Int32Array(length);
  const next = ends.slice(0, buckets);
  for (let i = 0; i < length; i++) order[next[bucketOf(i)]!++] = i;
  for (let b = 0; b < buckets; b++) sortByKey(order, keys, ends[b]!, ends[b + 1]!);
  return order;
}

/** Insertion, in place; what is equal stays as it is. */
function sortByKey(order: Int32Array, keys: Float64Array, from: number, to: number): void {
  for (let at = from + 1; at < to; at++) {
    const number = order[at]!;
    const key = keys[number]!;
    let before = at - 1;
    while (before >= from && keys[order[before]!]! > key) order[before + 1] = order[before--]!;
    order[before + 1] = number;
  }
}
