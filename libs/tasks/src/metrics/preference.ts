import type { Metrics } from '@temper/contracts';
import type { EvaluatedBatch, Measure, MeasuredRows, MetricAccumulator, RowPredictions } from '../task.js';

/**
 * Rewards β·(ln π − ln π_ref) of completions, as TRL's DPOTrainer logs them: the means of the chosen and the rejected, of their
 * difference, and how often that is above 0.
 */
export class PreferenceMetrics implements MetricAccumulator {
  private lossSum = 0;
  private chosen = 0;
  private rejected = 0;
  private right = 0;
  private pairs = 0;

  constructor(private readonly beta: number) {}

  /** The output `logRatios` is [pairs, 2]: ln π − ln π_ref of the chosen and the rejected. */
  add({ counted, lossSum, outputs }: EvaluatedBatch): void {
    const ratios = outputs.logRatios!;
    for (let i = 0; i < counted; i++) {
      const [chosen, rejected] = [ratios[2 * i]!, ratios[2 * i + 1]!];
      this.chosen += chosen;
      this.rejected += rejected;
      if (chosen > rejected) this.right++;
    }
    this.lossSum += lossSum;
    this.pairs += counted;
  }

  result(): Metrics {
    const mean = (sum: number) => (this.pairs ? sum / this.pairs : 0);
    return {
      loss: mean(this.lossSum),
      rewardAccuracy: mean(this.right),
      rewardMargin: this.beta * mean(this.chosen - this.rejected),
      rewardChosen: this.beta * mean(this.chosen),
      rewardRejected: this.beta * mean(this.rejected),
      examples: this.pairs,
    };
  }
}

/** Of each pair ln π − ln π_ref of the chosen and the rejected. */
export const keptRatios: RowPredictions = {
  dtype: 'f32',
  output: 'logRatios',
  width: () => 2,
  write(ratios, from, _length, into, at) {
    into[at] = ratios[from]!;
    into[at + 1] = ratios[from + 1]!;
  },
};

/**
 * Loss and mean rewards of drawn pairs; the accuracy is a share of them. A model is not compared with the one before by that: the latter
 * has gained nothing on any pair, which is no measure of it.
 */
export const rewardsOf =
  (beta: number) =>
  ({ loss, predicted: ratios }: MeasuredRows): Measure => {
    const sums = { loss: 0, chosen: 0, rejected: 0, pairs: 0 };
    const chosenOf = (row: number) => ratios![2 * row]!;
    const rejectedOf = (row: number) => ratios![2 * row + 1]!;
    return {
      metrics: ['loss', 'rewardMargin', 'rewardChosen', 'rewardRejected'],
      shares: {
        hit: (row) => chosenOf(row) > rejectedOf(row),
        names: ['rewardAccuracy'],
        namesOfAll: [],
      },
      reset: () => void Object.assign(sums, { loss: 0, chosen: 0, rejected: 0, pairs: 0 }),
      add(row) {
        sums.loss += loss[row]!;
        sums.chosen += chosenOf(row);
        sums.rejected += rejectedOf(row);
        sums.pairs++;
      },
      values() {
        const mean = (sum: number) => (sums.pairs ? sum / sums.pairs : 0);
        const [chosen, rejected] = [beta * mean(sums.chosen), beta * mean(sums.rejected)];
        return [mean(sums.loss), chosen - rejected, chosen, rejected];
      },
    };
  };
