import type { TrainedWeights } from './full.js';

/** How an update of rank r is scaled: α/r. */
export interface LowRank {
  readonly r: number;
  readonly alpha: number;
}

/** W + (α/r)·BA where the adapter has A [r, in] and B [out, r] for this weight [out, in]; else W as it is. */
export function mergedWeight(
  name: string,
  weight: Float32Array,
  adapter: TrainedWeights,
  { r, alpha }: LowRank,
): Float32Array {
  const part = (letter: 'A' | 'B') =>
    adapter.get(`base_model.model.${name.replace(/\.weight$/, `.lora_${letter}.weight`)}`);
  const [a, b] = [part('A'), part('B')];
  if (!a || !b) return weight;
  const [down, up] = [a.data as Float32Array, b.data as Float32Array];
  const inputs = down.length / r;
  const row = new Float64Array(inputs);
  const out = new Float32Array(weight.length);
  for (let o = 0; o < up.length / r; o++) {
    row.fill(0);
    for (let k = 0; k < r; k++) {
      const factor = (alpha / r) * up[o * r + k]!;
      for (let i = 0; i < inputs; i++) row[i]! += factor * down[k * inputs + i]!;
    }
    for (let i = 0; i < inputs; i++) out[o * inputs + i] = weight[o * inputs + i]! + row[i]!;
  }
  return out;
}
