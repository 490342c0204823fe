import type { Example } from '@temper/contracts';
import { saidIn, tokensOf } from '../cleaning/content.js';
import { bandsFor } from './bands.js';
import { MinHash } from './minhash.js';
import { NearIndex } from './near-index.js';
import { jaccard, Shingles } from './shingles.js';
import { mix, wordsOf } from './words.js';

export interface Match {
  /** Of the text that was added. */
  readonly number: number;
  readonly similarity: number;
}

/**
 * Finds the texts that are nearly equal to one, among those that were added. Candidates come from MinHash signatures; what
 * is returned has been compared exactly, for which the texts are read again: they are not kept.
 */
export class NearMatcher {
  private readonly words: number[] = [];
  private readonly shingles = new Shingles();
  private readonly other = new Shingles();
  private readonly minHash: MinHash;
  private readonly index: NearIndex;
  private readonly bandHashes: Int32Array;
  private readonly bytes: Uint8Array;

  constructor(
    private readonly threshold: number,
    private readonly exampleOf: (number: number) => Example,
  ) {
    const bands = bandsFor(threshold);
    this.minHash = new MinHash(bands);
    this.index = new NearIndex(bands, threshold);
    this.bandHashes = new Int32Array(bands.bands);
    this.bytes = new Uint8Array(bands.bands * bands.rows);
  }

  /** The text that `matches` and `add` are about. */
  read(example: Example): this {
    this.minHash.sign(this.shinglesOf(example, this.shingles), this.bandHashes, this.bytes);
    return this;
  }

  /** Its number, from 0. */
  add(): number {
    return this.index.add(this.bandHashes, this.bytes);
  }

  /** Those that `wanted` lets pass and whose Jaccard similarity is the threshold or more. */
  *matches(wanted: (number: number) => boolean): Generator<Match> {
    let set: Float64Array | undefined;
    for (const number of this.index.candidates(this.bandHashes, this.bytes)) {
      if (!wanted(number)) continue;
      set ??= this.shingles.toSet();
      const similarity = jaccard(set, this.shinglesOf(this.exampleOf(number), this.other).toSet());
      if (similarity >= this.threshold) yield { number, similarity };
    }
  }

  private shinglesOf(example: Example, into: Shingles): Shingles {
    const tokens = tokensOf(example);
    if (tokens) return into.read(tokens.map(mix), () => tokens.join(' '));
    const text = saidIn(example);
    return into.read(wordsOf(text, this.words), () => folded(text));
  }
}

/** Of a text of fewer words than a shingle has. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/g, ' ');
