import { ngramsOf, overlap } from './ngrams.js';
import { tokens13a } from './tokens-13a.js';

/** The longest runs that are looked at. */
const ORDER = 4;

/** BLEU of a corpus, from sums over its texts (Papineni et al., 2002; sacrebleu's bleu.py: one reference, 13a, exp). */
export class Bleu {
  private readonly correct = new Array<number>(ORDER).fill(0);
  private readonly total = new Array<number>(ORDER).fill(0);
  private written = 0;
  private reference = 0;

  add(reference: string, written: string): void {
    const [wanted, found] = [tokens13a(reference), tokens13a(written)];
    this.reference += wanted.length;
    this.written += found.length;
    for (let n = 1; n <= ORDER; n++) {
      this.correct[n - 1]! += overlap(ngramsOf(found, n), ngramsOf(wanted, n));
      this.total[n - 1]! += Math.max(found.length - n + 1, 0);
    }
  }

  /** 0 to 100. */
  score(): number {
    const { correct, total } = this;
    // Too short for a run of every length: 0, as there.
    if (correct.every((count) => count === 0) || total.includes(0)) return 0;
    let halved = 1;
    // Runs that are never right count as a half, a quarter …: NIST's smoothing, method 3 of Chen and Cherry (2014).
    const precisions = correct.map(
      (count, n) => (100 * (count === 0 ? 1 / (halved *= 2) : count)) / total[n]!,
    );
    const mean = precisions.reduce((sum, precision) => sum + Math.log(precision), 0) / ORDER;
    return this.brevityPenalty() * Math.exp(mean);
  }

  private brevityPenalty(): number {
    return this.written < this.reference ? Math.exp(1 - this.reference / this.written) : 1;
  }
}
