/** Ranks from 1; equal values have the mean of theirs, as in scipy.stats.rankdata. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Int32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[a]! - values[b]!,
  );
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let k = from; k < to; k++) ranks[order[k]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/** Pearson's correlation; 0 where one side has no spread, so that it can be compared (scipy has NaN). */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const mean = (values: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i]!;
    return sum / values.length;
  };
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - meanX, y[i]! - meanY];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  // Each root alone: the product of two tiny sums would be 0.
  const spread = Math.sqrt(xx) * Math.sqrt(yy);
  return spread === 0 ? 0 : Math.max(-1, Math.min(1, xy / spread));
}

/** Spearman's correlation: Pearson's of the ranks. */
export const spearman = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
  pearson(ranksOf(x), ranksOf(y));

/**
 * Area under the ROC curve: the share of pairs of a positive and a negative row in which the positive one has the higher score, equal
 * scores counted by half (Mann and Whitney's U). Undefined where one of both is missing.
 */
export function rocAuc(scores: ArrayLike<number>, isPositive: (row: number) => boolean): number | undefined {
  const ranks = ranksOf(scores);
  let positives = 0;
  let sum = 0;
  for (let row = 0; row < scores.length; row++) {
    if (!isPositive(row)) continue;
    positives++;
    sum += ranks[row]!;
  }
  const negatives = scores.length - positives;
  if (!positives || !negatives) return undefined;
  return (sum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * Average precision: Σ over distinct scores, the highest first, of the recall gained times the precision there, as
 * sklearn.metrics.average_precision_score. Undefined without a positive row, or without another.
 */
export function averagePrecision(
  scores: ArrayLike<number>,
  isPositive: (row: number) => boolean,
): number | undefined {
  const rows = scores.length;
  const order = Int32Array.from({ length: rows }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  let [sum, hits, before] = [0, 0, 0];
  for (let at = 0; at < rows; at++) {
    if (isPositive(order[at]!)) hits++;
    if (at + 1 < rows && scores[order[at + 1]!] === scores[order[at]!]) continue;
    sum += (hits - before) * (hits / (at + 1));
    before = hits;
  }
  return hits && hits < rows ? sum / hits : undefined;
}
