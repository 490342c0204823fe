import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { textScores, type TextScores } from './text-scores.js';

interface Pair {
  readonly reference: string;
  readonly written: string;
  readonly scores: TextScores;
}
interface Corpus {
  readonly from: number;
  readonly to: number;
  readonly scores: TextScores;
}

const { pairs, corpora } = JSON.parse(
  readFileSync(new URL('goldens/pairs.json', import.meta.url), 'utf8'),
) as { pairs: Pair[]; corpora: Corpus[] };

function expectClose(found: TextScores, wanted: TextScores): void {
  for (const [name, score] of Object.entries(wanted)) {
    const value = found[name as keyof TextScores];
    expect(Math.abs(value - score), `${name} ${value}, not ${score}`).toBeLessThan(1e-9);
  }
}

describe('rouge-score’s and sacrebleu’s numbers', () => {
  it.each(pairs)('of $written for $reference', ({ scores, ...pair }) => {
    expectClose(textScores([pair]), scores);
  });

  it.each(corpora)('of texts $from to $to together', ({ from, to, scores }) => {
    expectClose(textScores(pairs.slice(from, to)), scores);
  });
});

it('has no scores of no texts', () => {
  expect(() => textScores([])).toThrow(RangeError);
});
