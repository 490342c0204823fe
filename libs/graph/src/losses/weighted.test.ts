import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/builder.js';
import { evaluateGraph } from '../reference/evaluate.js';
import { focalLoss } from './focal.js';
import type { TrainedLoss } from './loss.js';
import { weightedBinaryCrossEntropyLoss } from './weighted-binary-cross-entropy.js';
import { weightedCrossEntropyLoss } from './weighted-cross-entropy.js';

interface Case {
  readonly loss: 'cross-entropy' | 'focal' | 'binary-cross-entropy';
  readonly smoothing?: number;
  readonly gamma?: number;
  readonly weights?: true;
  readonly sum: number;
  readonly gradient: readonly (readonly number[])[];
}
const golden = JSON.parse(readFileSync(new URL('../../goldens/losses.json', import.meta.url), 'utf8')) as {
  readonly logits: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly flags: readonly (readonly number[])[];
  readonly weights: readonly number[];
  readonly cases: readonly Case[];
};
const [rows, classes] = [golden.logits.length, golden.weights.length];

function lossOf({ loss, smoothing, gamma, weights: weighted }: Case): TrainedLoss {
  const weights = weighted ? golden.weights : undefined;
  if (loss === 'focal') return focalLoss({ gamma: gamma!, weights });
  return loss === 'cross-entropy'
    ? weightedCrossEntropyLoss({ smoothing, weights })
    : weightedBinaryCrossEntropyLoss(golden.weights);
}

/** In float64, unless said otherwise. */
function run(of: Case, logits: readonly number[], precision: 'float64' | 'float32' = 'float64') {
  const g = new GraphBuilder('loss');
  const x = g.input('logits', 'float32', ['rows', classes]);
  const loss = lossOf(of);
  const { dtype, shape } = loss.inputs(x)['labels']!;
  const { lossSum, dLogits } = loss.gradient(g, x, { labels: g.input('labels', dtype, shape) });
  g.output(lossSum, 'loss');
  g.output(dLogits, 'gradient');
  const data = shape.length === 1 ? golden.labels : golden.flags.flat();
  const labels = { shape: shape.length === 1 ? [rows] : [rows, classes], data: [...data] };
  const feeds = { logits: { shape: [rows, classes], data: [...logits] }, labels };
  const out = evaluateGraph(g.build(), feeds, { precision });
  return { loss: out['loss']!.data[0]!, gradient: Array.from(out['gradient']!.data) };
}

const named = golden.cases.map((of) => {
  const { sum: _sum, gradient: _gradient, ...settings } = of;
  return [JSON.stringify(settings), of] as const;
});

describe.each(named)('%s', (_, of) => {
  const logits = golden.logits.flat();

  // Constants of a graph are float32: 0.1 is known to 1e-8.
  it("is PyTorch's, and so is its gradient", () => {
    const { loss, gradient } = run(of, logits);
    expect(Math.abs(loss / of.sum - 1)).toBeLessThan(1e-7);
    of.gradient.flat().forEach((value, i) => expect(gradient[i]).toBeCloseTo(value, 6));
  });

  it('falls as its gradient says', () => {
    const { gradient } = run(of, logits);
    const step = 1e-5;
    logits.forEach((_x, i) => {
      const at = (d: number) =>
        run(
          of,
          logits.map((x, k) => (k === i ? x + d : x)),
        ).loss;
      expect((at(step) - at(-step)) / (2 * step)).toBeCloseTo(gradient[i]!, 6);
    });
  });

  it('stays finite where the model is certain, rightly or wrongly', () => {
    const certain = logits.map((_x, i) => (i % classes === 0 ? 1e4 : 0));
    const { loss, gradient } = run(of, certain, 'float32');
    expect(Number.isFinite(loss)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });
});
