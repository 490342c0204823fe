/**
 * Merges of a SentencePiece BPE, which GGUF does not keep: every way to cut a piece into two pieces of the vocabulary,
 * best score first (as transformers' converter does it).
 */
export function mergesFromScores(
  tokens: readonly string[],
  scores: readonly number[],
  skip: ReadonlySet<string>,
): [string, string][] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: { left: string; right: string; score: number }[] = [];
  for (const [id, token] of tokens.entries()) {
    if (skip.has(token) || ids.get(token) !== id) continue;
    const characters = [...token];
    const cuts: { left: string; right: string; score: number }[] = [];
    for (let k = 1; k < characters.length; k++) {
      const left = characters.slice(0, k).join('');
      const right = characters.slice(k).join('');
      if (ids.has(left) && ids.has(right) && !skip.has(left) && !skip.has(right)) {
        cuts.push({ left, right, score: scores[id]! });
      }
    }
    cuts.sort((a, b) => ids.get(a.left)! - ids.get(b.left)! || ids.get(a.right)! - ids.get(b.right)!);
    merges.push(...cuts);
  }
  const length = (text: string) => [...text].length;
  // Stable: equal scores stay in the order of the vocabulary, longer left parts first.
  merges.sort(
    (a, b) => b.score - a.score || length(b.left) - length(a.left) || length(b.right) - length(a.right),
  );
  return merges.map(({ left, right }) => [left, right]);
}

/** What Llama's converter writes around the BPE model: spaces become ▁, unknown characters fall back to bytes. */
export const sentencePieceParts = (addSpacePrefix: boolean) => ({
  normalizer: {
    type: 'Sequence',
    normalizers: [
      ...(addSpacePrefix ? [{ type: 'Prepend', prepend: '▁' }] : []),
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: null,
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      ...(addSpacePrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
    ],
  },
});
