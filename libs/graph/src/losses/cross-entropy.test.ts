import { expect, test } from 'vitest';
import { GraphBuilder } from '../onnx/builder.js';
import { evaluateGraph } from '../reference/evaluate.js';
import { crossEntropy } from './cross-entropy.js';

function lossOf(logits: number[][], labels: number[], precision: 'float64' | 'float32' = 'float64') {
  const g = new GraphBuilder('loss');
  const x = g.input('logits', 'float32', ['rows', logits[0]!.length]);
  const { lossSum, dLogits } = crossEntropy(g, x, g.input('labels', 'int32', ['rows']));
  g.output(lossSum, 'loss');
  g.output(dLogits, 'gradient');
  const feeds = {
    logits: { shape: [logits.length, logits[0]!.length], data: logits.flat() },
    labels: { shape: [labels.length], data: labels },
  };
  const out = evaluateGraph(g.build(), feeds, { precision });
  return { loss: out['loss']!.data[0]!, gradient: Array.from(out['gradient']!.data) };
}

test('the sum over rows and its gradient, softmax − onehot', () => {
  const { loss, gradient } = lossOf(
    [
      [0, Math.log(3)],
      [Math.log(4), 0],
    ],
    [1, 1],
  );
  // p = 3/4 and 1/5
  expect(loss).toBeCloseTo(-Math.log(3 / 4) - Math.log(1 / 5), 12);
  [1 / 4, -1 / 4, 4 / 5, -4 / 5].forEach((x, i) => expect(gradient[i]).toBeCloseTo(x, 12));
});

test.each(['float64', 'float32'] as const)('certain predictions stay finite in %s', (precision) => {
  const { loss, gradient } = lossOf(
    [
      [60, 0, -60],
      [1e4, 0, 0],
    ],
    [0, 0],
    precision,
  );
  expect(loss).toBeCloseTo(0, 6);
  expect(gradient.every(Number.isFinite)).toBe(true);
});
