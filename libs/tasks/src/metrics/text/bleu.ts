import { ngramsOf, overlap } from './ngrams.js';
import { tokens13a } from './tokens-13a.js';

/** The longest runs that are looked at. */
const ORDER = 4;

/** What BLEU needs of a text, or of several together. */
export interface Runs {
  /** Runs of one to four tokens that the reference has too. */
  readonly correct: readonly number[];
  readonly total: readonly number[];
  /** Tokens. */
  readonly written: number;
  readonly reference: number;
}

const orders = Array.from({ length: ORDER }, (_, n) => n + 1);
const none = orders.map(() => 0);
export const noRuns: Runs = { correct: none, total: none, written: 0, reference: 0 };

export function runsOf(reference: string, written: string): Runs {
  const [wanted, found] = [tokens13a(reference), tokens13a(written)];
  return {
    correct: orders.map((n) => overlap(ngramsOf(found, n), ngramsOf(wanted, n))),
    total: orders.map((n) => Math.max(found.length - n + 1, 0)),
    written: found.length,
    reference: wanted.length,
  };
}

export const sumOf = (a: Runs, b: Runs): Runs => ({
  correct: a.correct.map((count, n) => count + b.correct[n]!),
  total: a.total.map((count, n) => count + b.total[n]!),
  written: a.written + b.written,
  reference: a.reference + b.reference,
});

/** BLEU of a corpus, 0 to 100 (Papineni et al., 2002; sacrebleu's bleu.py: one reference, 13a, exp). */
export function bleuOf({ correct, total, written, reference }: Runs): number {
  // Too short for a run of every length: 0, as there.
  if (correct.every((count) => count === 0) || total.includes(0)) return 0;
  let halved = 1;
  // Runs that are never right count as a half, a quarter …: NIST's smoothing, method 3 of Chen and Cherry (2014).
  const precisions = correct.map((count, n) => (100 * (count === 0 ? 1 / (halved *= 2) : count)) / total[n]!);
  const mean = precisions.reduce((sum, precision) => sum + Math.log(precision), 0) / ORDER;
  const brevity = written < reference ? Math.exp(1 - reference / written) : 1;
  return brevity * Math.exp(mean);
}
