import type { Bands } from './bands.js';
import type { Shingles } from './shingles.js';
import { mix } from './words.js';

/**
 * MinHash signatures (Broder 1997): of each of b·r hash functions the least value over the shingles. Two texts agree in one
 * with the probability of their Jaccard similarity.
 */
export class MinHash {
  private readonly size: number;
  private readonly seeds: Int32Array;
  private readonly factors: Int32Array;
  private readonly least: Uint32Array;

  constructor(readonly bands: Bands) {
    this.size = bands.bands * bands.rows;
    this.seeds = Int32Array.from({ length: this.size }, (_, i) => mix(2 * i + 1));
    // Odd, so that multiplying by them is a permutation.
    this.factors = Int32Array.from({ length: this.size }, (_, i) => mix(2 * i + 2) | 1);
    this.least = new Uint32Array(this.size);
  }

  /** Writes one hash a band, and 8 bits of each value for `estimate`. */
  sign({ low, length }: Shingles, bandHashes: Int32Array, bytes: Uint8Array): void {
    const { size, seeds, factors, least } = this;
    for (let i = 0; i < size; i++) {
      const seed = seeds[i]!;
      const factor = factors[i]!;
      let min = 0xffffffff;
      for (let s = 0; s < length; s++) {
        let h = Math.imul(low[s]! ^ seed, factor);
        h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
        h = (h ^ (h >>> 13)) >>> 0;
        if (h < min) min = h;
      }
      least[i] = min;
      bytes[i] = min ^ (min >>> 16);
    }
    const { bands, rows } = this.bands;
    for (let band = 0; band < bands; band++) {
      let hash = band;
      for (let i = band * rows; i < (band + 1) * rows; i++)
        hash = Math.imul(hash ^ least[i]!, 0x9e3779b1) ^ (hash >>> 15);
      bandHashes[band] = mix(hash);
    }
  }
}
