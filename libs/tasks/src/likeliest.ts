/** A token of a vocabulary, and its probability. */
export interface LikelyToken {
  readonly id: number;
  readonly score: number;
}

/** The likeliest of a row of logits, by softmax, the first of equal ones first. */
export function likeliest(logits: ArrayLike<number>, count: number): LikelyToken[] {
  const top: number[] = [];
  for (let id = 0; id < logits.length; id++) {
    const last = top.at(-1);
    if (top.length === count && !(logits[id]! > logits[last!]!)) continue;
    const before = top.findIndex((other) => logits[id]! > logits[other]!);
    top.splice(before < 0 ? top.length : before, 0, id);
    if (top.length > count) top.pop();
  }
  // softmax, shifted by the largest logit so that exp cannot overflow
  const largest = logits[top[0]!]!;
  let total = 0;
  for (let id = 0; id < logits.length; id++) total += Math.exp(logits[id]! - largest);
  return top.map((id) => ({ id, score: Math.exp(logits[id]! - largest) / total }));
}
