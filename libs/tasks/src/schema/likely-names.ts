/** Names that a column has elsewhere, the likeliest first: of those a form is suggested where it is not recognised. */
export type LikelyNames = readonly string[];

export const texts: LikelyNames = [
  ...['text', 'sentence', 'content', 'body', 'review'],
  ...['comment', 'tweet', 'post', 'email', 'document'],
];
export const labels: LikelyNames = [
  ...['label', 'labels', 'class', 'category', 'sentiment'],
  ...['target', 'intent', 'topic', 'tag', 'rating'],
];
export const prompts: LikelyNames = [
  ...['prompt', 'question', 'instruction', 'query', 'input'],
  ...['user', 'human', 'source', 'article', 'context'],
];
export const completions: LikelyNames = [
  ...['completion', 'response', 'answer', 'output', 'assistant', 'reply'],
  ...['target', 'summary', 'bot', 'answers', 'highlights', 'chosen'],
];
export const conversations: LikelyNames = [
  ...['messages', 'conversations', 'conversation'],
  ...['dialog', 'dialogue', 'chat', 'turns'],
];

/** Of each field of a form. */
export type LikelyFields = Readonly<Record<string, LikelyNames>>;

/**
 * The column that is likeliest for each field, each for one of them, in the order of the fields; undefined for one that no name
 * speaks for. A column that has a name is likelier than one that contains it.
 */
export function likeliest(
  fields: LikelyFields,
  names: readonly string[],
  wholeNames = false,
): Readonly<Record<string, string | undefined>> {
  const left = new Set(names);
  const chosen: Record<string, string | undefined> = {};
  for (const [field, known] of Object.entries(fields)) {
    const scored = [...left]
      .map((name) => [name, scoreOf(name, known, wholeNames)] as const)
      .filter(([, score]) => score > 0)
      .sort(([, a], [, b]) => b - a);
    const name = scored[0]?.[0];
    chosen[field] = name;
    if (name !== undefined) left.delete(name);
  }
  return chosen;
}

function scoreOf(name: string, known: LikelyNames, wholeNames: boolean): number {
  const small = name.toLowerCase();
  const place = known.indexOf(small);
  if (place >= 0 || wholeNames) return place < 0 ? 0 : 100 - place;
  const within = known.findIndex((word) => small.split(/[^a-z]+/).includes(word));
  return within >= 0 ? 50 - within : 0;
}
