import type { Metrics } from '@temper/contracts';
import type { EvaluatedBatch, MetricAccumulator } from '../task.js';

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
