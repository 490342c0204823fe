import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ClassificationMetrics } from './classification.js';
import { MultiLabelMetrics } from './multi-label.js';

interface Golden {
  readonly labels: readonly number[];
  readonly logits: readonly (readonly number[])[];
  readonly mcc: number;
  readonly ece: number;
  /** Null where no class can be told from another. */
  readonly rocAuc: number | null;
  readonly averagePrecision: number | null;
}
const goldens = JSON.parse(
  readFileSync(new URL('../../goldens/scores.json', import.meta.url), 'utf8'),
) as Golden[];

describe("Matthews' correlation, calibration and areas are scikit-learn's", () => {
  it.each(goldens.map((golden, i) => [i, golden.logits[0]!.length, golden] as const))(
    'case %i, of %i classes',
    (_, classes, golden) => {
      const metrics = new ClassificationMetrics(Array.from({ length: classes }, (_name, k) => `c${k}`));
      for (let from = 0; from < golden.labels.length; from += 7) {
        const labels = Int32Array.from(golden.labels.slice(from, from + 7));
        const logits = Float32Array.from(golden.logits.slice(from, from + 7).flat());
        metrics.add({ labels, counted: labels.length, lossSum: 0, outputs: { logits } });
      }
      const result = metrics.result();
      for (const name of ['mcc', 'ece', 'rocAuc', 'averagePrecision'] as const) {
        if (golden[name] === null) expect(result).not.toHaveProperty(name);
        else expect(Math.abs((result[name] as number) - golden[name]), name).toBeLessThan(1e-9);
      }
      const bins = result.calibration as { rows: number; confidence: number; accuracy: number }[];
      expect(bins.reduce((sum, { rows }) => sum + rows, 0)).toBe(golden.labels.length);
      const error = bins.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.accuracy - bin.confidence), 0);
      expect(error / golden.labels.length).toBeCloseTo(golden.ece, 9);
    },
  );
});

it('what cannot be ranked has no number', () => {
  const result = new MultiLabelMetrics(['a']).result();
  expect(result).not.toHaveProperty('rocAuc');
  expect(new ClassificationMetrics(['a', 'b']).result()).not.toHaveProperty('ece');
});
