import type { Measure } from '../../task.js';
import { bleuOf, noRuns, runsOf, sumOf } from './bleu.js';
import { rougeL, rougeN, rougeTokens } from './rouge.js';

/** A text that a model wrote, and what stands there. */
export interface WrittenText {
  readonly reference: string;
  readonly written: string;
}

/** Exact match and ROUGE are means over the drawn texts, BLEU is of all of them together. Each text is looked at once. */
export function textMeasure(texts: readonly WrittenText[]): Measure {
  const looked = texts.map(look);
  let drawn = 0;
  let runs = noRuns;
  const sums = [0, 0, 0, 0];
  return {
    metrics: ['exactMatch', 'rouge1', 'rouge2', 'rougeL', 'bleu'],
    shares: { hit: (row) => looked[row]!.scores[0] === 1, names: ['exactMatch'], namesOfAll: [] },
    reset() {
      drawn = 0;
      runs = noRuns;
      sums.fill(0);
    },
    add(row) {
      const { scores, ...counts } = looked[row]!;
      drawn++;
      runs = sumOf(runs, counts.runs);
      scores.forEach((score, k) => (sums[k]! += score));
    },
    values: () => [...sums.map((sum) => sum / drawn), bleuOf(runs)],
  };
}

function look({ reference, written }: WrittenText) {
  const [wanted, found] = [rougeTokens(reference), rougeTokens(written)];
  return {
    scores: [
      reference === written ? 1 : 0,
      rougeN(wanted, found, 1),
      rougeN(wanted, found, 2),
      rougeL(wanted, found),
    ],
    runs: runsOf(reference, written),
  };
}
