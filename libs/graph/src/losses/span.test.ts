import { expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/builder.js';
import { evaluateGraph } from '../reference/evaluate.js';
import golden from './goldens/span.json' with { type: 'json' };
import { spanLoss } from './span.js';

const { examples, sum } = golden;
const longest = Math.max(...examples.map(({ logits }) => logits.length));
const feeds = {
  logits: {
    shape: [examples.flatMap(({ logits }) => logits).length, 2],
    data: examples.flatMap(({ logits }) => logits.flat()),
  },
  labels: { shape: [examples.length, 2], data: examples.flatMap(({ span }) => span) },
  label_places: {
    shape: [examples.flatMap(({ logits }) => logits).length, 2],
    data: examples.flatMap(({ logits }, example) => logits.flatMap((_, token) => [example, token])),
  },
  label_mask: { shape: [examples.length, longest], data: new Float64Array(examples.length * longest) },
};

/** In double precision, on the IR's own evaluator. */
function outputsOf(kind: 'gradient' | 'evaluation') {
  const g = new GraphBuilder('loss');
  const logits = g.input('logits', 'float32', ['tokens', 2]);
  const declared = Object.entries(spanLoss.inputs(logits));
  const inputs = Object.fromEntries(
    declared.map(([name, { dtype, shape }]) => [name, g.input(name, dtype, shape)]),
  );
  const made =
    kind === 'gradient'
      ? { ...spanLoss.gradient(g, logits, inputs), losses: undefined }
      : { ...spanLoss.evaluation(g, logits, inputs), dLogits: undefined };
  g.output(made.lossSum, 'loss');
  if (made.losses) g.output(made.losses, 'losses');
  if (made.dLogits) g.output(made.dLogits, 'gradient');
  return evaluateGraph(g.build(), feeds, { precision: 'float64' });
}

it("has transformers' value and gradient, whatever else is in the batch", () => {
  const trained = outputsOf('gradient');
  expect(trained.loss!.data[0]).toBeCloseTo(sum, 10);
  const gradient = Array.from(trained.gradient!.data);
  examples
    .flatMap((example) => example.gradient.flat())
    .forEach((x, i) => expect(gradient[i]).toBeCloseTo(x, 10));
});

it('measures the same of each example', () => {
  const { loss, losses } = outputsOf('evaluation');
  expect(loss!.data[0]).toBeCloseTo(sum, 10);
  examples.forEach((example, i) => expect(losses!.data[i]).toBeCloseTo(example.loss, 10));
});
