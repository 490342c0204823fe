/** Elements that share a scale. */
export const NF4_BLOCK = 64;

/**
 * The 16 values of NF4: quantiles of a normal distribution, scaled to [−1, 1], with an exact zero (Dettmers et al. 2023, QLoRA,
 * appendix E; bitsandbytes, functional.py get_4bit_type).
 */
export const NF4_VALUES: readonly number[] = [
  -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
  -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
  0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
];

/** Halfway between neighbouring values: what is above the i-th is nearer to value i + 1. */
const boundaries = NF4_VALUES.slice(1).map((value, i) => Math.fround((value + NF4_VALUES[i]!) / 2));

export interface Nf4 {
  /** uint8 [⌈n/2⌉]: two codes a byte, the first in the high four bits. */
  readonly codes: Uint8Array;
  /** float32 [⌈n/64⌉]: the largest magnitude of each block. */
  readonly absmax: Float32Array;
}

/** Each value divided by the largest magnitude of its block, as the nearest of the 16 (bitsandbytes, quantize_nf4). */
export function quantizeNf4(values: Float32Array): Nf4 {
  const codes = new Uint8Array(Math.ceil(values.length / 2));
  const absmax = new Float32Array(Math.ceil(values.length / NF4_BLOCK));
  const scaled = new Float32Array(NF4_BLOCK);
  for (let block = 0; block < absmax.length; block++) {
    const from = block * NF4_BLOCK;
    const to = Math.min(from + NF4_BLOCK, values.length);
    let largest = 0;
    for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(values[i]!));
    absmax[block] = largest;
    const inverse = largest === 0 ? 0 : Math.fround(1 / largest);
    for (let i = from; i < to; i++) scaled[i - from] = values[i]! * inverse;
    for (let i = from; i < to; i++) codes[i >> 1]! |= nearest(scaled[i - from]!) << (i % 2 ? 0 : 4);
  }
  return { codes, absmax };
}

/** The first `length` values that the codes stand for. */
export const dequantizeNf4 = ({ codes, absmax }: Nf4, length: number): Float32Array =>
  Float32Array.from(
    { length },
    (_, i) => NF4_VALUES[(codes[i >> 1]! >> (i % 2 ? 0 : 4)) & 15]! * absmax[Math.floor(i / NF4_BLOCK)]!,
  );

/** Binary search among the boundaries. */
function nearest(x: number): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x > boundaries[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}
