import type { TaskSchema } from './task-schema.js';

/** `f1 of sequence-classification and token-classification, loss of the others`: what tasks say of one thing, for the spec's pages. */
export function wordsOf(
  schemas: readonly TaskSchema[],
  say: (schema: TaskSchema) => string | undefined,
): string {
  const tasks = new Map<string, Set<string>>();
  for (const schema of schemas) {
    const said = say(schema);
    if (said === undefined) continue;
    const name = schema.problemType ?? schema.task;
    if (!tasks.has(said)) tasks.set(said, new Set());
    tasks.get(said)!.add(name);
  }
  const everyone = new Set(schemas.map(({ problemType, task }) => problemType ?? task)).size;
  return [...tasks]
    .map(([said, names]) => (names.size === everyone ? said : `${said} of ${listed([...names])}`))
    .join('; ');
}

/** `a, b and c` */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
