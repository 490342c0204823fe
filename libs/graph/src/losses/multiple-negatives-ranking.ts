import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';
import { crossEntropies, crossEntropy } from './cross-entropy.js';
import { embeddingGradient, exampleRows, rowsOf, unitsOf, widthOf, type Units } from './embeddings.js';
import type { Loss } from './loss.js';

/** sentence-transformers' default: the inverse of a temperature of 0.05. */
const SCALE = 20;

/**
 * Σ over examples of −ln softmax(scale · cos(anchor, candidate))[its own positive]; the candidates are the positives of all examples of
 * the batch, then their hard negatives (Henderson et al. 2017, §4.4; sentence-transformers' MultipleNegativesRankingLoss).
 * logits float [batch, width]: the embeddings of each example's anchor, positive and further negatives, example after example.
 */
export const multipleNegativesRankingLoss: Loss = {
  inputs: () => exampleRows,
  gradient(g, embeddings, inputs) {
    const parts = unitsOf(g, embeddings, inputs);
    const { anchors, candidates, scores, own } = scoresOf(g, parts);
    const { lossSum, dLogits } = crossEntropy(g, scores, own);
    const scaled = g.op('Mul', [dLogits, g.scalar('float32', SCALE)]);
    const dAnchors = g.op('MatMul', [scaled, candidates]);
    const dCandidates = g.op('MatMul', [g.op('Transpose', [scaled], { perm: [1, 0] }), anchors]);
    const first = g.op('Unsqueeze', [dAnchors, g.int64s(1)]);
    const byNegative = g.op('Concat', [g.int64s(-1), g.op('Shape', [own]), g.int64s(widthOf(anchors))], {
      axis: 0,
    });
    const others = g.op('Transpose', [g.op('Reshape', [dCandidates, byNegative])], { perm: [1, 0, 2] });
    return { lossSum, dLogits: embeddingGradient(g, parts, first, others) };
  },
  evaluation(g, embeddings, inputs) {
    const { anchors, positives, scores, own } = scoresOf(g, unitsOf(g, embeddings, inputs));
    return { ...crossEntropies(g, scores, own), outputs: { anchors, positives } };
  },
};

/** scores [examples, (n−1)·examples]: column i is the positive of example i. */
function scoresOf(g: GraphBuilder, { first, others }: Units) {
  const anchors = rowsOf(g, first);
  const candidates = rowsOf(g, g.op('Transpose', [others], { perm: [1, 0, 2] }));
  const cosines = g.op('MatMul', [anchors, g.op('Transpose', [candidates], { perm: [1, 0] })]);
  const positive = g.op('Slice', [others, g.int64s(0), g.int64s(1), g.int64s(1), g.int64s(1)]);
  return {
    ...{ anchors, candidates, own: numbersOf(g, anchors) },
    positives: rowsOf(g, positive),
    scores: g.op('Mul', [cosines, g.scalar('float32', SCALE)]),
  };
}

/** int32 [rows]: 0, 1, 2, … */
function numbersOf(g: GraphBuilder, rows: Value): Value {
  const count = g.op('Squeeze', [g.op('Gather', [g.op('Shape', [rows]), g.int64s(0)]), g.int64s(0)]);
  const numbers = g.op('Range', [g.scalar('int64', 0), count, g.scalar('int64', 1)]);
  return g.op('Cast', [numbers], { to: 'int32' });
}
