import type { GraphBuilder } from '../onnx/builder.js';
import { embeddingGradient, rowsOf, unitsOf, type Units } from './embeddings.js';
import type { Loss, LossValues } from './loss.js';

/**
 * Σ over examples of (cos(a, b) − y)²: with the mean over examples sentence-transformers' CosineSimilarityLoss.
 * logits float [2·examples, width]: the embeddings of each example's two texts; labels float [examples]. Evaluation gives the cosines.
 */
export const cosineSimilarityLoss: Loss = {
  inputs: () => ({
    example_rows: { dtype: 'int32', shape: ['examples', 2] },
    labels: { dtype: 'float32', shape: ['examples'] },
  }),
  gradient(g, embeddings, inputs) {
    const parts = unitsOf(g, embeddings, inputs);
    const { errors } = cosinesOf(g, parts, inputs);
    const twice = g.op('Unsqueeze', [g.op('Mul', [errors, g.scalar('float32', 2)]), g.int64s(2)]);
    const first = g.op('Mul', [twice, parts.others]);
    const others = g.op('Mul', [twice, parts.first]);
    return {
      lossSum: g.op('ReduceSum', [g.op('Mul', [errors, errors])], { keepdims: 0 }),
      dLogits: embeddingGradient(g, parts, first, others),
    };
  },
  evaluation(g, embeddings, inputs) {
    const { errors, cosines } = cosinesOf(g, unitsOf(g, embeddings, inputs), inputs);
    const losses = g.op('Mul', [errors, errors]);
    return {
      lossSum: g.op('ReduceSum', [losses], { keepdims: 0 }),
      losses,
      outputs: { cosines },
    };
  },
};

/** Both [examples, 1]. */
function cosinesOf(g: GraphBuilder, { first, others }: Units, { labels }: LossValues) {
  const product = g.op('Mul', [rowsOf(g, first), rowsOf(g, others)]);
  const cosines = g.op('ReduceSum', [product, g.int64s(-1)], { keepdims: 1 });
  return { cosines, errors: g.op('Sub', [cosines, g.op('Unsqueeze', [labels!, g.int64s(-1)])]) };
}
