/** Loss, perplexity and accuracy over the counted tokens, from sums. */
export class LanguageMetrics {
  private tokens = 0;
  private correct = 0;
  private lossSum = 0;

  add(counted: number, correct: number, lossSum: number): void {
    this.tokens += counted;
    this.correct += correct;
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
