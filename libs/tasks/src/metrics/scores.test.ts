import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MultiLabelMetrics } from './multi-label.js';
import { pearson, rocAuc } from './ranks.js';
import { RegressionMetrics } from './regression.js';

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../goldens/${name}.json`, import.meta.url), 'utf8')) as unknown;

it("gives scipy's correlations and scikit-learn's errors of numbers with ties, batch after batch", () => {
  const { truth, said, ...wanted } = golden('regression') as { truth: number[]; said: number[] };
  const metrics = new RegressionMetrics();
  for (let from = 0; from < truth.length; from += 7) {
    const labels = Float32Array.from(truth.slice(from, from + 7));
    const logits = Float32Array.from(said.slice(from, from + 7));
    metrics.add({ labels, counted: labels.length, lossSum: 0, outputs: { logits } });
  }
  for (const [name, value] of Object.entries(wanted as Record<string, number>))
    expect(metrics.result()[name], name).toBeCloseTo(value, 9);
});

it("gives scikit-learn's metrics of several labels, with classes that are never said or never there", () => {
  const {
    flags,
    logits,
    accuracy,
    macro,
    f1Micro,
    rocAuc: areas,
    averagePrecision: precisions,
  } = golden('multi-label') as {
    flags: number[][];
    logits: number[][];
    accuracy: number;
    macro: number[];
    f1Micro: number;
    rocAuc: number[];
    averagePrecision: number[];
  };
  const metrics = new MultiLabelMetrics(['a', 'b', 'c', 'd']);
  for (let from = 0; from < flags.length; from += 7) {
    const rows = [flags, logits].map((all) => Float32Array.from(all.slice(from, from + 7).flat()));
    const [labels, scores] = rows as [Float32Array, Float32Array];
    metrics.add({ labels, counted: labels.length / 4, lossSum: 0, outputs: { logits: scores } });
  }
  const result = metrics.result();
  expect(result.accuracy).toBeCloseTo(accuracy, 9);
  ['precision', 'recall', 'f1'].forEach((name, i) => expect(result[name]).toBeCloseTo(macro[i]!, 9));
  expect(result.f1Micro).toBeCloseTo(f1Micro, 9);
  const perClass = Object.values(result.perClass as Record<string, { rocAuc?: number }>);
  areas.forEach((area, k) => expect(perClass[k]!.rocAuc).toBeCloseTo(area, 9));
  expect(perClass[3]).not.toHaveProperty('rocAuc');
  expect(result.rocAuc).toBeCloseTo(areas.reduce((a, b) => a + b) / 3, 9);
  expect(result.averagePrecision).toBeCloseTo(precisions.reduce((a, b) => a + b) / 3, 9);
});

it('has a number where nothing is spread, and none where there is nothing to tell apart', () => {
  expect(pearson([1, 1, 1], [1, 2, 3])).toBe(0);
  expect(rocAuc([1, 2], () => true)).toBeUndefined();
});
