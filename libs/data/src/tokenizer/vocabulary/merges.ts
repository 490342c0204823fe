/**
 * The merges of a SentencePiece BPE, whose file keeps pieces alone: every way to cut a piece into two pieces of the
 * vocabulary, pieces in the order of their ids (transformers 5, tokenization_utils_base.py: generate_merges).
 */
export function mergesOf(vocab: ReadonlyMap<string, number>): [string, string][] {
  const merges: [string, string][] = [];
  for (const [piece] of [...vocab].sort(([, a], [, b]) => a - b)) {
    const characters = [...piece];
    const cuts: Cut[] = [];
    for (let k = 1; k < characters.length; k++) {
      const left = characters.slice(0, k).join('');
      const right = characters.slice(k).join('');
      if (vocab.has(left) && vocab.has(right)) cuts.push({ left, right, length: k });
    }
    cuts.sort((a, b) => a.length - b.length);
    merges.push(...cuts.map(({ left, right }): [string, string] => [left, right]));
  }
  return merges;
}

interface Cut {
  readonly left: string;
  readonly right: string;
  /** Of `left`, in characters. */
  readonly length: number;
}
