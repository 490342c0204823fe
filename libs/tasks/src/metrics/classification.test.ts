import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ClassificationMetrics, metricLineOf, type ClassMetrics } from './classification.js';

interface Golden {
  labels: number[];
  logits: number[][];
  loss: number;
  accuracy: number;
  f1Micro: number;
  macro: [number, number, number];
  perClass: [number, number, number, number][];
  confusionMatrix: number[][];
}
const golden = JSON.parse(
  readFileSync(new URL('../../goldens/classification.json', import.meta.url), 'utf8'),
) as Golden;
const names = ['a', 'b', 'c', 'd', 'e'];

it("gives scikit-learn's metrics from a stream of batches, with classes that never occur or are never predicted", () => {
  const metrics = new ClassificationMetrics(names);
  for (let from = 0; from < golden.labels.length; from += 7) {
    const labels = Int32Array.from(golden.labels.slice(from, from + 7));
    const logits = Float32Array.from(golden.logits.slice(from, from + 7).flat());
    const counted = labels.length;
    metrics.add({ labels, counted, lossSum: golden.loss * counted, outputs: { logits } });
  }
  const result = metrics.result();
  expect(result.loss).toBeCloseTo(golden.loss, 12);
  expect(result.accuracy).toBeCloseTo(golden.accuracy, 12);
  expect(result.f1Micro).toBeCloseTo(golden.f1Micro, 12);
  expect(result.confusionMatrix).toEqual(golden.confusionMatrix);
  ['precision', 'recall', 'f1'].forEach((key, i) => expect(result[key]).toBeCloseTo(golden.macro[i]!, 12));
  const perClass = result.perClass as Record<string, ClassMetrics>;
  names.forEach((name, k) => {
    const { precision, recall, f1, support } = perClass[name]!;
    [precision, recall, f1, support].forEach((value, i) =>
      expect(value).toBeCloseTo(golden.perClass[k]![i]!, 12),
    );
  });
});

it('takes 5,000 classes in memory that grows with the rows, not with the pairs of classes', () => {
  const classes = 5_000;
  const metrics = new ClassificationMetrics(Array.from({ length: classes }, (_, k) => `c${k}`));
  const logits = new Float32Array(classes);
  for (let row = 0; row < 300; row++) {
    logits.fill(0);
    logits[row % 100] = 1;
    metrics.add({ labels: Int32Array.of(row % 150), counted: 1, lossSum: 1, outputs: { logits } });
  }
  const result = metrics.result();
  expect(result.confusionMatrix).toBeUndefined();
  const counts = result.confusionCounts as [number, number, number][];
  expect(counts.reduce((sum, [, , count]) => sum + count, 0)).toBe(300);
  expect(counts[0]).toEqual([0, 0, 1]);
  expect(counts).toContainEqual([100, 0, 1]);
  expect(result.accuracy).toBeCloseTo(100 / 300, 12);
  expect(JSON.stringify(result).length).toBeLessThan(1e6);
  expect(JSON.stringify(metricLineOf(result, classes)).length).toBeLessThan(400);
});
