/** One process's run of a row. */
export interface Measurement {
  /** One an optimizer step. */
  readonly stepMs: readonly number[];
  readonly losses: readonly number[];
  /** Largest resident set of the process, loading included. */
  readonly maxRssBytes: number;
  /** Resident after the first step, where it was seen. */
  readonly firstStepBytes?: number | undefined;
  /** What a checkpoint keeps of the model. */
  readonly trainedBytes?: number | undefined;
  /** Mean loss on the test rows. */
  readonly evaluation?: { readonly before: number; readonly after: number } | undefined;
}

export interface Summary {
  /** Mean over the steps of the median over the rounds; the first steps of a process warm up and are left out. */
  readonly stepMs: number;
  readonly maxRssBytes: number;
  readonly firstLoss: number;
  readonly lastLoss: number;
  readonly evaluation?: Measurement['evaluation'];
}

const WARM_UP = 2;

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Batches differ in length, so a step is compared with the same step of the other rounds. */
export function summarize(rounds: readonly Measurement[]): Summary {
  const first = rounds[0]!;
  const steps = first.stepMs.map((_, i) => median(rounds.map((round) => round.stepMs[i]!)));
  const warm = steps.slice(Math.min(WARM_UP, steps.length - 1));
  return {
    stepMs: warm.reduce((a, b) => a + b, 0) / warm.length,
    maxRssBytes: median(rounds.map((round) => round.maxRssBytes)),
    firstLoss: first.losses[0]!,
    lastLoss: first.losses.at(-1)!,
    evaluation: first.evaluation,
  };
}
