import { readFileSync } from 'node:fs';
import type { TokenizedSplit } from '@temper/contracts';
import { definitionOf, type WrittenText } from '@temper/tasks';
import { describe, expect, it } from 'vitest';
import { intervalsOf, judgeRows } from './compare.js';
import { wilson } from './intervals.js';
import { RowResults } from './row-results.js';

const classifier = definitionOf({ task: 'sequence-classification' });
const languageModel = definitionOf({ task: 'causal-lm' });

describe("Wilson's interval", () => {
  // scipy.stats.binomtest(hits, rows).proportion_ci(0.95, method='wilson')
  it.each([
    [0, 1, 0, 0.7934506856227626],
    [1, 1, 0.20654931437723745, 1],
    [9, 10, 0.5958499732047615, 0.9821237869049271],
    [24, 24, 0.8620237953250198, 1],
    [573, 591, 0.9523724999284678, 0.9806492183295666],
    [50, 100, 0.4038315303659956, 0.5961684696340044],
    [0, 30, 0, 0.11351339317396875],
  ])('of %i hits in %i rows', (hits, rows, low, high) => {
    const interval = wilson(hits, rows);
    expect(interval[0]).toBeCloseTo(low, 12);
    expect(interval[1]).toBeCloseTo(high, 12);
  });
});

const classes = (labels: number[]): TokenizedSplit => ({
  labelKind: 'class',
  inputIds: new Int32Array(labels.length),
  labels: Int32Array.from(labels),
  offsets: Int32Array.from({ length: labels.length + 1 }, (_, i) => i),
});

function answers(split: TokenizedSplit, wrong: (row: number) => boolean): RowResults {
  const results = new RowResults(split, classifier, 3);
  results.predicted!.set(split.labels.map((label, row) => (wrong(row) ? (label + 1) % 3 : label)));
  results.loss.fill(1);
  return results;
}

describe('the paired bootstrap', () => {
  const split = classes(Array.from({ length: 200 }, (_, i) => i % 3));
  const base = answers(split, (row) => row % 4 === 0);
  const test = answers(split, (row) => row % 10 === 0);

  it("gives the intervals of NumPy's and scikit-learn's, and the same ones again", () => {
    const judged = judgeRows(base, test, { task: classifier, labelNames: ['a', 'b', 'c'], metric: 'f1' });
    // 20,000 resamples, sklearn.metrics.f1_score(average='macro'): 0.0844 to 0.2163, and of the second alone 0.8550 to 0.9397.
    const { interval, ...rest } = judged.comparison!;
    expect(rest).toMatchObject({ metric: 'f1', rows: 200 });
    expect(rest.base).toBeCloseTo(0.7500093517375529, 12);
    expect(rest.test).toBeCloseTo(0.9000112220850633, 12);
    expect(interval[0]).toBeCloseTo(0.0844, 1.5);
    expect(interval[1]).toBeCloseTo(0.2163, 1.5);
    const { f1, accuracy } = judged.interval95;
    expect(f1![0]).toBeCloseTo(0.855, 1.5);
    expect(f1![1]).toBeCloseTo(0.9397, 1.5);
    expect(accuracy).toEqual(wilson(180, 200));
    expect(judgeRows(base, test, { task: classifier, labelNames: ['a', 'b', 'c'], metric: 'f1' })).toEqual(
      judged,
    );
  });

  it('is of no width between equal models, and is not drawn from one row', () => {
    expect(
      judgeRows(test, test, { task: classifier, labelNames: ['a', 'b', 'c'], metric: 'accuracy' }).comparison!
        .interval,
    ).toEqual([0, 0]);
    const one = answers(classes([1]), () => false);
    expect(
      judgeRows(one, one, { task: classifier, labelNames: ['a', 'b', 'c'], metric: 'f1' }).comparison,
    ).toBeUndefined();
  });

  it('gives way to Wilson where there is no mistake to draw', () => {
    const right = answers(split, () => false);
    const { f1, recall, accuracy } = judgeRows(base, right, {
      task: classifier,
      labelNames: ['a', 'b', 'c'],
      metric: 'f1',
    }).interval95;
    expect([f1, recall, accuracy]).toEqual(Array(3).fill(wilson(200, 200)));
  });

  it('weighs the tokens of a language model, row by row', () => {
    // Rows of one to four counted tokens; the first token of a row is never counted.
    const lengths = Array.from({ length: 60 }, (_, i) => 2 + (i % 4));
    const offsets = Int32Array.from(
      [0, ...lengths].map(
        (
          (sum) => (n) =>
            (sum += n)
        )(0),
      ),
    );
    const labels = new Int32Array(offsets.at(-1)!).fill(5);
    const tokens: TokenizedSplit = { labelKind: 'token', inputIds: labels, labels, offsets };
    const scored = (perToken: (row: number) => number) => {
      const results = new RowResults(tokens, languageModel, 0);
      results.counted.forEach((counted, row) => (results.loss[row] = counted * perToken(row)));
      return results;
    };
    const { comparison, interval95 } = judgeRows(
      scored(() => 2),
      scored((row) => 1 + (row % 2)),
      {
        task: languageModel,
        labelNames: [],
        metric: 'loss',
      },
    );
    // Odd rows have 2 and 4 counted tokens, even ones 1 and 3: (40 · 1 + 60 · 2) / 100 of each 10 tokens… = 1.6.
    expect(comparison).toMatchObject({ metric: 'loss', rows: 60, base: 2 });
    expect(comparison!.test).toBeCloseTo(1.6, 6);
    expect(comparison!.interval[1]).toBeLessThan(0);
    expect(interval95.perplexity![0]).toBeCloseTo(Math.exp(interval95.loss![0]), 12);
  });
});

it('of scores of texts are those of 20,000 resamples of rouge-score’s and sacrebleu’s numbers', () => {
  const goldens = new URL('../../../tasks/src/metrics/text/goldens/pairs.json', import.meta.url);
  const { pairs, intervals } = JSON.parse(readFileSync(goldens, 'utf8')) as {
    readonly pairs: readonly WrittenText[];
    readonly intervals: Readonly<Record<string, readonly [number, number]>>;
  };
  const { exactMatch, ...found } = intervalsOf(languageModel.measureTexts!(pairs), pairs.length);
  expect(exactMatch).toEqual(
    wilson(pairs.filter(({ reference, written }) => reference === written).length, pairs.length),
  );
  expect(Object.keys(found).sort()).toEqual(Object.keys(intervals).sort());
  for (const [name, ends] of Object.entries(intervals)) {
    const width = ends[1] - ends[0];
    ends.forEach((end, k) => expect(Math.abs(found[name]![k]! - end) / width, name).toBeLessThan(0.05));
  }
});

describe('results by row', () => {
  it('sum the losses of what is counted of each, in the order of the split', () => {
    const split: TokenizedSplit = {
      labelKind: 'token',
      inputIds: new Int32Array(7),
      labels: Int32Array.from([9, 1, -100, 2, 7, -100, -100]),
      offsets: Int32Array.from([0, 4, 5, 7]),
    };
    const results = new RowResults(split, languageModel, 0);
    expect([...results.counted]).toEqual([2, 0, 0]);
    results.add([1, 0], { lossSum: 3.5, losses: Float32Array.of(1.5, 2), outputs: {} });
    results.add([2], { lossSum: 0, outputs: {} });
    expect([...results.loss]).toEqual([3.5, 0, 0]);
  });
});
