import type { Bands } from './bands.js';

/** Of the texts that share a band with one, so many are looked at, and so many of the most similar are compared exactly. */
const LOOKED_AT = 256;
const COMPARED = 32;

/**
 * Locality-sensitive hashing: texts that share a band are candidates. Some 4·(3b + 2) + b·r bytes a text. Where nearly all texts are made
 * of the same phrases, only the newest that share a band are looked at: the time grows with the number of texts, not
 * with its square.
 */
export class NearIndex {
  private readonly size: number;
  private capacity = 1024;
  private hashes: Int32Array;
  private bytes: Uint8Array;
  /** By band: last text of a bucket + 1, and of each text the one before it + 1. */
  private heads: Int32Array[];
  private previous: Int32Array[];
  private seen: Int32Array;
  private query = 0;
  length = 0;
  private readonly least: number;

  constructor(
    private readonly bands: Bands,
    threshold: number,
  ) {
    this.size = bands.bands * bands.rows;
    // The share of equal bytes has a deviation of √(t(1 − t)/k) at the threshold: four of them leave out one pair of 30,000.
    this.least = threshold - 4 * Math.sqrt((threshold * (1 - threshold)) / this.size);
    this.hashes = new Int32Array(this.capacity * bands.bands);
    this.bytes = new Uint8Array(this.capacity * this.size);
    const perBand = (length: number) => Array.from({ length: bands.bands }, () => new Int32Array(length));
    this.heads = perBand(this.capacity);
    this.previous = perBand(this.capacity);
    this.seen = new Int32Array(this.capacity);
  }

  /** Its number, from 0. */
  add(bandHashes: Int32Array, bytes: Uint8Array): number {
    if (this.length === this.capacity) this.grow();
    const number = this.length++;
    this.hashes.set(bandHashes, number * this.bands.bands);
    this.bytes.set(bytes, number * this.size);
    this.link(number);
    return number;
  }

  /** Numbers of texts that are probably similar, the most similar first. */
  candidates(bandHashes: Int32Array, bytes: Uint8Array): number[] {
    const found: { number: number; estimate: number }[] = [];
    this.query++;
    for (let band = 0; band < this.bands.bands; band++) {
      const hash = bandHashes[band]!;
      let next = this.heads[band]![hash & (this.capacity - 1)]!;
      for (let looked = 0; next && looked < LOOKED_AT; looked++) {
        const number = next - 1;
        next = this.previous[band]![number]!;
        if (this.seen[number] === this.query) continue;
        if (this.hashes[number * this.bands.bands + band] !== hash) continue;
        this.seen[number] = this.query;
        const estimate = this.estimate(number, bytes);
        if (estimate >= this.least) found.push({ number, estimate });
      }
    }
    found.sort((a, b) => b.estimate - a.estimate || a.number - b.number);
    return found.slice(0, COMPARED).map(({ number }) => number);
  }

  /** Of the similarity: the share of equal bytes, without those that are equal by chance. */
  private estimate(number: number, bytes: Uint8Array): number {
    const from = number * this.size;
    let equal = 0;
    for (let i = 0; i < this.size; i++) if (this.bytes[from + i] === bytes[i]) equal++;
    return (equal / this.size - 1 / 256) / (1 - 1 / 256);
  }

  private link(number: number): void {
    for (let band = 0; band < this.bands.bands; band++) {
      const bucket = this.hashes[number * this.bands.bands + band]! & (this.capacity - 1);
      this.previous[band]![number] = this.heads[band]![bucket]!;
      this.heads[band]![bucket] = number + 1;
    }
  }

  private grow(): void {
    this.capacity *= 2;
    this.hashes = copied(this.hashes, new Int32Array(this.capacity * this.bands.bands));
    this.bytes = copied(this.bytes, new Uint8Array(this.capacity * this.size));
    this.seen = copied(this.seen, new Int32Array(this.capacity));
    for (let band = 0; band < this.bands.bands; band++) {
      this.heads[band] = new Int32Array(this.capacity);
      this.previous[band] = new Int32Array(this.capacity);
    }
    for (let number = 0; number < this.length; number++) this.link(number);
  }
}

function copied<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
