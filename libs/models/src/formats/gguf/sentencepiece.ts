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
  const merges: Cut[] = [];
  for (const [id, token] of tokens.entries()) {
    if (skip.has(token) || ids.get(token) !== id) continue;
    const characters = [...token];
    const cuts: Cut[] = [];
    for (let k = 1; k < characters.length; k++) {
      const left = characters.slice(0, k).join('');
      const right = characters.slice(k).join('');
      if (ids.has(left) && ids.has(right) && !skip.has(left) && !skip.has(right)) {
        cuts.push({ left, right, score: scores[id]!, leftLength: k, rightLength: characters.length - k });
      }
    }
    cuts.sort((a, b) => ids.get(a.left)! - ids.get(b.left)! || ids.get(a.right)! - ids.get(b.right)!);
    merges.push(...cuts);
  }
  // Stable: equal scores stay in the order of the vocabulary, longer left parts first.
  merges.sort((a, b) => b.score - a.score || b.leftLength - a.leftLength || b.rightLength - a.rightLength);
  return merges.map(({ left, right }) => [left, right]);
}

interface Cut {
  readonly left: string;
  readonly right: string;
  /** Of the piece that the two make. */
  readonly score: number;
  /** In characters. */
  readonly leftLength: number;
  readonly rightLength: number;
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
