/** How often each run of `n` tokens occurs. The tokens have no spaces. */
export function ngramsOf(tokens: readonly string[], n: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + n <= tokens.length; at++) {
    const ngram = tokens.slice(at, at + n).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

/** Runs that both have, each as often as the one has it that has it less. */
export function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [ngram, count] of a) sum += Math.min(count, b.get(ngram) ?? 0);
  return sum;
}
