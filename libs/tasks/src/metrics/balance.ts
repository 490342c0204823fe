import type { ClassCounts } from './averages.js';

/** How a classifier's answers are spread over the classes, against the truth: what its collapse is seen by. */
export interface Balance {
  /** The class that is predicted most. */
  readonly label: string;
  /** Rows that the model takes for it. */
  readonly predicted: number;
  /** Rows that are of it. */
  readonly actual: number;
  /** Rows of other classes that are predicted right. */
  readonly otherHits: number;
  /** Rows of the largest and of the second largest class in the data. */
  readonly largest: number;
  readonly secondLargest: number;
  /** Nats: the loss of who knows the shares of the classes and nothing of the texts, −Σ p·ln p. */
  readonly entropy: number;
}

const NAME_SHOWN = 60;

export function balanceOf({ support, predicted, hits }: ClassCounts, labelNames: readonly string[]): Balance {
  const sum = (counts: ArrayLike<number>) => Array.from(counts).reduce((a, b) => a + b, 0);
  const rows = sum(support);
  const most = Array.from(predicted).reduce((best, count, k) => (count > predicted[best]! ? k : best), 0);
  const [largest = 0, secondLargest = 0] = Array.from(support).sort((a, b) => b - a);
  const shares = Array.from(support, (count) => count / rows).filter((share) => share > 0);
  return {
    label: (labelNames[most] ?? String(most)).slice(0, NAME_SHOWN),
    predicted: predicted[most] ?? 0,
    actual: support[most] ?? 0,
    otherHits: sum(hits) - (hits[most] ?? 0),
    largest,
    secondLargest,
    entropy: -shares.reduce((total, share) => total + share * Math.log(share), 0) || 0,
  };
}
