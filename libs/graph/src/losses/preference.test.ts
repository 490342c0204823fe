import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/builder.js';
import { evaluateGraph } from '../reference/evaluate.js';
import goldens from './goldens/preference.json' with { type: 'json' };
import type { TrainedLoss } from './loss.js';
import { orpoLoss } from './orpo.js';
import { dpoLoss, ipoLoss } from './preference.js';

type Golden = (typeof goldens)[number];

const losses: Readonly<Record<string, (settings: Pick<Golden, 'beta' | 'smoothing'>) => TrainedLoss>> = {
  dpo: dpoLoss,
  ipo: ipoLoss,
  orpo: orpoLoss,
};

/** Of graphs in double precision, on the IR's own evaluator. */
function graphOf(loss: TrainedLoss) {
  const g = new GraphBuilder('loss');
  const logits = g.input('logits', 'float32', ['counted', 5]);
  const inputs = Object.fromEntries(
    Object.entries(loss.inputs(logits)).map(([name, { dtype, shape }]) => [
      name,
      g.input(name, dtype, shape),
    ]),
  );
  return { g, logits, inputs };
}

function feedsOf({ logits, labels, counts, reference }: Golden) {
  const rows = counts.flatMap((n, row) => new Array<number>(n).fill(row));
  const vector = (data: number[]) => ({ shape: [data.length], data });
  return {
    logits: { shape: [logits.length, 5], data: logits.flat() },
    labels: vector(labels),
    label_rows: vector(rows),
    label_counts: vector(counts),
    example_rows: { shape: [counts.length / 2, 2], data: counts.map((_, row) => row) },
    reference: { shape: [counts.length / 2, 2], data: reference.flat() },
  };
}

function trained(golden: Golden) {
  const loss = losses[golden.loss]!(golden);
  const { g, logits, inputs } = graphOf(loss);
  const { lossSum, dLogits } = loss.gradient(g, logits, inputs);
  g.output(lossSum, 'loss');
  g.output(dLogits, 'gradient');
  const graph = g.build();
  return (of: Golden) => {
    const { loss: sum, gradient } = evaluateGraph(graph, feedsOf(of), { precision: 'float64' });
    return { lossSum: sum!.data[0]!, gradient: Array.from(gradient!.data) };
  };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe.each(goldens)('$loss at β $beta, smoothed by $smoothing', (golden) => {
  const run = trained(golden);

  it("has autograd's value and gradient", () => {
    const found = run(golden);
    // β and 1/(2β) are floats in the graph.
    expect(found.lossSum / sum(golden.losses)).toBeCloseTo(1, 6);
    golden.gradient.flat().forEach((x, i) => expect(found.gradient[i]).toBeCloseTo(x, 5));
  });

  it('has the slope of its value', () => {
    const h = 1e-5;
    const { gradient } = run(golden);
    golden.logits.forEach((row, r) =>
      row.forEach((_, c) => {
        const at = (step: number) => {
          const moved = golden.logits.map((other, i) =>
            other.map((x, j) => (i === r && j === c ? x + step : x)),
          );
          return run({ ...golden, logits: moved }).lossSum;
        };
        expect(gradient[5 * r + c]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 5);
      }),
    );
  });
});

it.each(goldens.filter(({ loss }) => loss === 'dpo'))(
  'evaluates DPO at β $beta, smoothed by $smoothing, pair by pair',
  (golden) => {
    const { g, logits, inputs } = graphOf(dpoLoss(golden));
    const { lossSum, losses: each, outputs } = dpoLoss(golden).evaluation(g, logits, inputs);
    g.output(lossSum, 'loss');
    g.output(each, 'losses');
    g.output(outputs.logRatios!, 'ratios');
    const found = evaluateGraph(g.build(), feedsOf(golden), { precision: 'float64' });
    expect(found.loss!.data[0]).toBeCloseTo(sum(golden.losses), 6);
    golden.losses.forEach((x, i) => expect(found.losses!.data[i]).toBeCloseTo(x, 6));
    golden.ratios.flat().forEach((x, i) => expect(found.ratios!.data[i]).toBeCloseTo(x, 10));
  },
);
