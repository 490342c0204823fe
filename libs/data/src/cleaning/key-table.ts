/** 32-bit words of a key: 128 bits of SHA-256, so that two of 10¹² different texts are taken for one with odds of 10⁻¹⁴. */
const WORDS = 4;
export const BYTES = 4 * WORDS;

/** Numbers keys: equal ones have one number, counted from 0 in the order in which they first come. */
export class KeyTable {
  /** Open addressing, at most half full: number + 1 of a key, 0 for an empty place. */
  private table = new Int32Array(2048);
  private keys = new Uint32Array(1024 * WORDS);
  size = 0;

  /** Of the key `from[offset …]`. */
  numberOf(from: Uint32Array, offset: number): number {
    let at = this.placeOf(from, offset);
    if (this.table[at]) return this.table[at] - 1;
    if (2 * (this.size + 1) > this.table.length) {
      this.grow();
      at = this.placeOf(from, offset);
    }
    for (let word = 0; word < WORDS; word++) this.keys[this.size * WORDS + word] = from[offset + word]!;
    this.table[at] = ++this.size;
    return this.size - 1;
  }

  /** Where the key `from[offset …]` is, or belongs. */
  private placeOf(from: Uint32Array, offset: number): number {
    const mask = this.table.length - 1;
    for (let at = from[offset]! & mask; ; at = (at + 1) & mask) {
      const known = this.table[at]!;
      if (!known || this.isEqual((known - 1) * WORDS, from, offset)) return at;
    }
  }

  private isEqual(at: number, from: Uint32Array, offset: number): boolean {
    for (let i = 0; i < WORDS; i++) if (this.keys[at + i] !== from[offset + i]) return false;
    return true;
  }

  private grow(): void {
    const keys = new Uint32Array(this.keys.length * 2);
    keys.set(this.keys);
    this.keys = keys;
    this.table = new Int32Array(this.table.length * 2);
    for (let number = 0; number < this.size; number++) {
      this.table[this.placeOf(keys, number * WORDS)] = number + 1;
    }
  }
}
