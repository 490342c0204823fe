import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { taskDefinitions } from '../../table.js';
import { textMeasure, type WrittenText } from './text-measure.js';

type Scores = Readonly<Record<string, number>>;
interface Pair extends WrittenText {
  readonly scores: Scores;
}
interface Corpus {
  readonly from: number;
  readonly to: number;
  readonly scores: Scores;
}

const { pairs, corpora } = JSON.parse(
  readFileSync(new URL('goldens/pairs.json', import.meta.url), 'utf8'),
) as { pairs: Pair[]; corpora: Corpus[] };

function expectScores(texts: readonly WrittenText[], wanted: Scores): void {
  const measure = textMeasure(texts);
  expect([...measure.metrics].sort()).toEqual(Object.keys(wanted).sort());
  // What was drawn before is forgotten.
  measure.add(0);
  measure.reset();
  texts.forEach((_, row) => measure.add(row));
  measure.values().forEach((value, k) => {
    const name = measure.metrics[k]!;
    expect(Math.abs(value - wanted[name]!), `${name} ${value}, not ${wanted[name]}`).toBeLessThan(1e-9);
  });
}

describe('rouge-score’s and sacrebleu’s numbers', () => {
  it.each(pairs)('of $written for $reference', ({ scores, ...pair }) => expectScores([pair], scores));

  it.each(corpora)('of texts $from to $to together', ({ from, to, scores }) => {
    expectScores(pairs.slice(from, to), scores);
  });
});

it('are what the spec can ask of each task whose models write', () => {
  for (const { written, measureTexts } of Object.values(taskDefinitions))
    expect(measureTexts?.([]).metrics).toEqual(written?.metrics);
});
