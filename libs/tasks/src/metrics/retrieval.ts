import type { Metrics } from '@temper/contracts';
import type { EvaluatedBatch, MetricAccumulator } from '../task.js';
import { Growing } from './growing.js';

/** Places beyond these count for nothing in the reciprocal rank. */
const PLACES = 10;

/**
 * How well each anchor of a split finds its own positive among all positives of the split, whatever the batches: the share that is
 * found first (accuracy@1) and the mean reciprocal rank of at most 10 places (MRR@10). Embeddings of the split are kept.
 */
export class RetrievalMetrics implements MetricAccumulator {
  private readonly anchors = new Growing(Float32Array);
  private readonly positives = new Growing(Float32Array);
  private examples = 0;
  private lossSum = 0;

  /** The outputs `anchors` and `positives` are unit vectors, [examples, width] each. */
  add({ counted, lossSum, outputs }: EvaluatedBatch): void {
    for (const x of Array.from(outputs.anchors!)) this.anchors.push(x);
    for (const x of Array.from(outputs.positives!)) this.positives.push(x);
    this.examples += counted;
    this.lossSum += lossSum;
  }

  result(): Metrics {
    const { examples } = this;
    const ranks = ranksOf(this.anchors.view(), this.positives.view(), examples);
    const share = (of: (rank: number) => number) =>
      examples ? ranks.reduce((sum, rank) => sum + of(rank), 0) / examples : 0;
    return {
      loss: examples ? this.lossSum / examples : 0,
      accuracyAt1: share((rank) => (rank === 1 ? 1 : 0)),
      mrr10: share((rank) => (rank <= PLACES ? 1 / rank : 0)),
      examples,
    };
  }
}

/** From 1, of each anchor's own positive by the cosine; equal ones (a text that is the positive of several) share the place. */
export function ranksOf(anchors: Float32Array, positives: Float32Array, examples: number): number[] {
  const width = anchors.length / Math.max(1, examples);
  return Array.from({ length: examples }, (_, i) => {
    const cosine = (j: number) => {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += anchors[i * width + k]! * positives[j * width + k]!;
      return sum;
    };
    const own = cosine(i);
    let rank = 1;
    for (let j = 0; j < examples; j++) if (cosine(j) > own + TIE) rank++;
    return rank;
  });
}

/** What two cosines of one text may differ by, computed in batches of other lengths. */
const TIE = 1e-6;
