import type { Problem } from '@temper/contracts';

/** How many problems of one kind are told, and how long a value of a file may be in a message. */
const TOLD = 8;
const LONGEST = 80;

/** A value as it stands in a file, on one line and never long; texts without quotes where they are plain. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const json = jsonOf(value);
  const text = typeof value === 'string' && json === `"${value}"` ? value : json;
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'a value nested too deeply to show';
  }
}

/** The first problems, and how many more there are: a damaged file of a large model has thousands. */
export function firstOf(problems: readonly Problem[]): Problem[] {
  if (problems.length <= TOLD) return [...problems];
  const more = problems.length - TOLD;
  const path = problems[TOLD]!.path.split(': ', 1)[0]!;
  return [...problems.slice(0, TOLD), { path, message: `and ${more} more of this kind` }];
}
