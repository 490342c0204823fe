import { mix } from './words.js';

/** Words in a row that make a shingle. */
const SHINGLE = 5;

/**
 * The shingles of a text as pairs of 32-bit hashes, in two lists: every five words in a row. A text of fewer words has one
 * shingle, all of it (`whole`): short texts are nearly equal only where they are equal, up to case and white space.
 */
export class Shingles {
  low = new Uint32Array(256);
  high = new Uint32Array(256);
  length = 0;

  read(words: readonly number[], whole: () => string): this {
    const count = words.length - SHINGLE + 1;
    if (count < 1) return this.readWhole(whole());
    if (count > this.low.length) {
      this.low = new Uint32Array(2 * count);
      this.high = new Uint32Array(2 * count);
    }
    for (let from = 0; from < count; from++) {
      let low = 0x9e3779b9;
      let high = 0x243f6a88;
      for (let i = from; i < from + SHINGLE; i++) {
        low = Math.imul(low ^ words[i]!, 0x85ebca6b);
        low ^= low >>> 15;
        high = Math.imul((high << 5) ^ (high >>> 27) ^ words[i]!, 0xc2b2ae35);
      }
      this.low[from] = mix(low);
      this.high[from] = mix(high);
    }
    this.length = count;
    return this;
  }

  private readWhole(text: string): this {
    let low = 0x9e3779b9;
    let high = 0x243f6a88;
    for (let at = 0; at < text.length; at++) {
      low = Math.imul(low ^ text.charCodeAt(at), 0x01000193);
      high = Math.imul((high << 5) ^ (high >>> 27) ^ text.charCodeAt(at), 0xc2b2ae35);
    }
    this.low[0] = mix(low);
    this.high[0] = mix(high);
    this.length = 1;
    return this;
  }

  /** As a set: 53 bits of each, sorted, each once. */
  toSet(): Float64Array {
    const all = new Float64Array(this.length);
    // 21 bits of one hash above the 32 of the other: a whole number that a double holds.
    for (let i = 0; i < this.length; i++) all[i] = (this.high[i]! & 0x1fffff) * 2 ** 32 + this.low[i]!;
    all.sort();
    let distinct = 0;
    for (let i = 0; i < all.length; i++) if (i === 0 || all[i] !== all[i - 1]) all[distinct++] = all[i]!;
    return all.subarray(0, distinct);
  }
}

/** |A ∩ B| / |A ∪ B| of two sorted sets. */
export function jaccard(a: Float64Array, b: Float64Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i]! < b[j]!) i++;
    else if (a[i]! > b[j]!) j++;
    else {
      shared++;
      i++;
      j++;
    }
  }
  return shared / (a.length + b.length - shared);
}
