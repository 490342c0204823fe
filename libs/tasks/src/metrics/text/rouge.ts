import { ngramsOf, overlap } from './ngrams.js';

/** Lower case, runs of a–z and 0–9: rouge-score's tokens without a stemmer. */
export const rougeTokens = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

/** F-measure of runs of `n` tokens (Lin, 2004; rouge_scorer.py: _score_ngrams). */
export function rougeN(reference: readonly string[], written: readonly string[], n: number): number {
  const runs = (tokens: readonly string[]) => Math.max(tokens.length - n + 1, 0);
  const hits = overlap(ngramsOf(reference, n), ngramsOf(written, n));
  return fMeasure(hits, runs(reference), runs(written));
}

/** F-measure of the longest common subsequence of the whole texts (rouge_scorer.py: _score_lcs). */
export const rougeL = (reference: readonly string[], written: readonly string[]): number =>
  fMeasure(longestCommon(reference, written), reference.length, written.length);

function fMeasure(hits: number, ofReference: number, ofWritten: number): number {
  const [recall, precision] = [hits / Math.max(ofReference, 1), hits / Math.max(ofWritten, 1)];
  return precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
}

/** Its length; one row of the table is kept. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const row = new Int32Array(b.length + 1);
  for (const token of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!;
      row[j] = token === b[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]!);
      diagonal = above;
    }
  }
  return row[b.length]!;
}
