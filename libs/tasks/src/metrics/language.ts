import type { EvaluatedBatch, MetricAccumulator } from '../task.js';

/** Loss, perplexity and accuracy over the counted tokens, from sums. */
export class LanguageMetrics implements MetricAccumulator {
  private tokens = 0;
  private correct = 0;
  private lossSum = 0;

  add({ counted, lossSum, outputs }: EvaluatedBatch): void {
    this.tokens += counted;
    this.correct += outputs.correct?.[0] ?? 0;
    this.lossSum += lossSum;
  }

  result(): Record<string, unknown> {
    const loss = this.tokens === 0 ? 0 : this.lossSum / this.tokens;
    return {
      loss,
      perplexity: Math.exp(loss),
      tokenAccuracy: this.tokens === 0 ? 0 : this.correct / this.tokens,
      countedTokens: this.tokens,
    };
  }
}
