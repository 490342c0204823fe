import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/builder.js';
import { evaluateGraph } from '../reference/evaluate.js';
import { cosineSimilarityLoss } from './cosine-similarity.js';
import goldens from './goldens/embeddings.json' with { type: 'json' };
import type { Loss } from './loss.js';
import { multipleNegativesRankingLoss } from './multiple-negatives-ranking.js';

const losses: Readonly<Record<string, Loss>> = {
  'multiple-negatives-ranking': multipleNegativesRankingLoss,
  cosine: cosineSimilarityLoss,
};

/** In double precision, on the IR's own evaluator. */
function run(loss: Loss, embeddings: readonly (readonly number[])[], labels: readonly number[]) {
  const width = embeddings[0]!.length;
  const outputsOf = (kind: 'gradient' | 'evaluation') => {
    const g = new GraphBuilder('loss');
    const logits = g.input('logits', 'float32', ['batch', width]);
    const inputs = Object.fromEntries(
      Object.entries(loss.inputs(logits)).map(([name, { dtype, shape }]) => [
        name,
        g.input(name, dtype, shape),
      ]),
    );
    if (kind === 'gradient') {
      const { lossSum, dLogits } = loss.gradient(g, logits, inputs);
      g.output(lossSum, 'loss');
      g.output(dLogits, 'gradient');
    } else {
      const { lossSum, losses } = loss.evaluation(g, logits, inputs);
      g.output(lossSum, 'loss');
      g.output(losses, 'losses');
    }
    const sequences = embeddings.length / labels.length;
    const feeds = {
      example_rows: { shape: [labels.length, sequences], data: embeddings.map((_, row) => row) },
      logits: { shape: [embeddings.length, width], data: embeddings.flat() },
      labels: { shape: [labels.length], data: labels },
    };
    return evaluateGraph(g.build(), feeds, { precision: 'float64' });
  };
  const [trained, evaluated] = [outputsOf('gradient'), outputsOf('evaluation')];
  const lossSum = trained.loss!.data[0]!;
  expect(evaluated.loss!.data[0]).toBeCloseTo(lossSum, 12);
  expect(Array.from(evaluated.losses!.data).reduce((a, b) => a + b, 0)).toBeCloseTo(lossSum, 12);
  return { lossSum, gradient: Array.from(trained.gradient!.data) };
}

describe.each(goldens)('$loss of $sequences sequences', ({ loss, embeddings, labels, mean, gradient }) => {
  const found = run(losses[loss]!, embeddings, labels);

  it("has sentence-transformers' value and gradient", () => {
    expect(found.lossSum / labels.length).toBeCloseTo(mean, 10);
    gradient.flat().forEach((x, i) => expect(found.gradient[i]! / labels.length).toBeCloseTo(x, 10));
  });

  it('has the slope of its value', () => {
    const h = 1e-5;
    embeddings.slice(0, 4).forEach((row, r) =>
      row.forEach((_, c) => {
        const at = (step: number) =>
          run(
            losses[loss]!,
            embeddings.map((other, i) => other.map((x, j) => (i === r && j === c ? x + step : x))),
            labels,
          ).lossSum;
        const slope = (at(h) - at(-h)) / (2 * h);
        expect(found.gradient[r * row.length + c]).toBeCloseTo(slope, 6);
      }),
    );
  });
});
