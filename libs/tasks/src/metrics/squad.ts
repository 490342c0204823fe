/** Of one answer, 0 to 1. */
export interface SquadScores {
  readonly exactMatch: number;
  readonly f1: number;
}

const PUNCTUATION = /[!-/:-@[-`{-~]/g;
/** Words by Python's \b: letters, digits and _ of any script are part of one. */
const ARTICLES = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
/** What Python's split() takes for white space. */
const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** Lower case, without punctuation, articles and needless space: its words (normalize_answer of SQuAD's evaluate-v2.0.py). */
const wordsOf = (text: string): string[] =>
  text.toLowerCase().replaceAll(PUNCTUATION, '').replaceAll(ARTICLES, ' ').split(SPACES).filter(Boolean);

/**
 * The best of an answer against each of the right ones (Rajpurkar et al., 2016 and 2018; SQuAD's evaluate-v2.0.py): whether the words are
 * the same, and the F-measure of words that both have. No right one, or none with a word, is an empty one.
 */
export function squadScores(said: string, answers: readonly string[]): SquadScores {
  const found = wordsOf(said);
  const right = answers.map(wordsOf).filter(({ length }) => length > 0);
  const against = right.length ? right : [[]];
  return {
    exactMatch: Math.max(...against.map((words) => (words.join(' ') === found.join(' ') ? 1 : 0))),
    f1: Math.max(...against.map((words) => f1Of(words, found))),
  };
}

function f1Of(right: readonly string[], found: readonly string[]): number {
  if (!right.length || !found.length) return right.length === found.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of right) left.set(word, (left.get(word) ?? 0) + 1);
  let same = 0;
  for (const word of found) {
    const more = left.get(word) ?? 0;
    if (more > 0) same++;
    left.set(word, more - 1);
  }
  return (2 * same) / (right.length + found.length);
}
