/** Of a split: rows of each class, and rows in all (of several labels a row they are not the sum). */
export interface ClassShares {
  readonly support: ArrayLike<number>;
  readonly rows: number;
}

/** Nats: the minimised loss of who knows the classes' shares and nothing of the texts. */
export type Chance = (of: ClassShares) => number;

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** −Σ x·ln q, where what is not there costs nothing. */
const cost = (x: number, q: number) => (x > 0 ? -x * Math.log(q) : 0);

/**
 * Of the weighted, smoothed cross entropy, whose row of class y costs −Σ_c a_c·ln q_c: over all rows that is smallest for q in
 * proportion to the mean a (Gibbs' inequality), and divided by the mean weight as training divides.
 */
export function crossEntropyChance(weights: readonly number[] | undefined, smoothing: number): Chance {
  return ({ support, rows }) => {
    const classes = support.length;
    const of = (k: number) => weights?.[k] ?? 1;
    const weighted = Array.from(support, (count, k) => (of(k) * count) / Math.max(1, rows));
    const a = weighted.map((x, k) => (1 - smoothing) * x + (smoothing / classes) * of(k));
    const [total, divisor] = [sum(a), sum(weighted)];
    return divisor === 0 ? 0 : sum(a.map((x) => cost(x, x / total))) / divisor;
  };
}

/** Of the focal loss, for q in proportion to the weighted shares. */
export function focalChance(weights: readonly number[] | undefined, gamma: number): Chance {
  return ({ support }) => {
    const weighted = Array.from(support, (count, k) => (weights?.[k] ?? 1) * count);
    const total = sum(weighted);
    return sum(
      weighted.map((x) => (x > 0 ? (x / total) * (1 - x / total) ** gamma * -Math.log(x / total) : 0)),
    );
  };
}

/** Of the binary cross entropy with weights of what is there, which is smallest for q = w·p / (w·p + 1 − p). */
export function binaryChance(positive: readonly number[]): Chance {
  return ({ support, rows }) => {
    const each = Array.from(support, (count, k) => {
      const p = count / Math.max(1, rows);
      const there = p * positive[k]!;
      const q = there / (there + 1 - p);
      return cost(there, q) + cost(1 - p, 1 - q);
    });
    return sum(each) / Math.max(1, each.length);
  };
}
