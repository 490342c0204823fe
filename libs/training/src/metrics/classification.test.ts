import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ClassificationMetrics, type ClassMetrics } from './classification.js';

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
    metrics.add(logits, labels, golden.loss * labels.length);
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
