/** A part of a pattern. `/` and every other character that is not special is a `text` of its own. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  /** `**` as a whole folder: any folders, or none. */
  | { readonly kind: 'folders' }
  | { readonly kind: 'class'; readonly has: (char: string) => boolean }
  | { readonly kind: 'one of'; readonly choices: readonly (readonly Part[])[] };

/** More numbers than this in all `{1..9}` of a pattern are no pattern. */
const NUMBERS = 10_000;

/** The special characters are those of the shell: `*`, `**`, `?`, `[a-z]`, `[!a]`, `{a,b}`, `{1..9}`, `\` before any of them. */
export function parseGlob(pattern: string): Part[] {
  const chars = [...pattern];
  return parseRange(chars, 0, chars.length, { braces: bracesOf(chars), numbers: NUMBERS });
}

export const hasGlob = (pattern: string): boolean => /[*?[{]/.test(pattern);

interface Reading {
  readonly braces: ReadonlyMap<number, Brace>;
  /** How many more there may be. */
  numbers: number;
}

interface Brace {
  readonly end: number;
  readonly commas: readonly number[];
}

/** Braces within more than these others are text, as what is read of a pattern is read by recursion. */
const DEEPEST = 100;

/** Braces with their partners; one that has none is text. In one pass, however they are nested. */
function bracesOf(chars: readonly string[]): Map<number, Brace> {
  const found = new Map<number, Brace>();
  const open: { at: number; commas: number[] }[] = [];
  for (let i = 0; i < chars.length; i++) {
    if (chars[i] === '\\') i++;
    else if (chars[i] === '{') open.push({ at: i, commas: [] });
    else if (chars[i] === ',') open.at(-1)?.commas.push(i);
    else if (chars[i] === '}') {
      const brace = open.pop();
      if (brace && open.length < DEEPEST) found.set(brace.at, { end: i, commas: brace.commas });
    }
  }
  return found;
}

function parseRange(chars: readonly string[], from: number, to: number, reading: Reading): Part[] {
  const parts: Part[] = [];
  const lastClosed = chars.lastIndexOf(']');
  for (let i = from; i < to;) {
    const char = chars[i]!;
    const brace = char === '{' ? reading.braces.get(i) : undefined;
    const numbers =
      brace && !brace.commas.length ? numbersIn(chars.slice(i + 1, brace.end).join(''), reading) : undefined;
    const group = char === '[' && i < lastClosed ? classAt(chars, i, to) : undefined;
    if (char === '\\' && i + 1 < to) {
      parts.push({ kind: 'text', text: chars[i + 1]! });
      i += 2;
    } else if (brace?.commas.length) {
      const ends = [...brace.commas, brace.end];
      const choices = ends.map((end, n) => parseRange(chars, (n ? ends[n - 1]! : i) + 1, end, reading));
      parts.push({ kind: 'one of', choices });
      i = brace.end + 1;
    } else if (numbers) {
      parts.push({
        kind: 'one of',
        choices: numbers.map((n) => [...n].map((text) => ({ kind: 'text', text }))),
      });
      i = brace!.end + 1;
    } else if (group) {
      parts.push(group.part);
      i = group.end;
    } else if (char === '*') {
      let end = i;
      while (end < to && chars[end] === '*') end++;
      const whole =
        end - i === 2 && [chars[i - 1], chars[end]].every((beside) => beside === undefined || beside === '/');
      // Any folders behind any folders are any folders.
      if (!whole || parts.at(-1)?.kind !== 'folders') parts.push({ kind: whole ? 'folders' : 'star' });
      // With the `/` after it: there may be no folder at all.
      i = whole && chars[end] === '/' ? end + 1 : end;
      if (whole && chars[end] === undefined) parts.push({ kind: 'any' }, { kind: 'star' });
    } else {
      parts.push(char === '?' ? { kind: 'any' } : { kind: 'text', text: char });
      i++;
    }
  }
  return parts;
}

/** `[a-z]`; undefined where it is not closed, or would hold a `/`. */
function classAt(chars: readonly string[], start: number, to: number) {
  const negated = chars[start + 1] === '!' || chars[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  const end = chars.indexOf(']', first + 1);
  if (end < 0 || end >= to || chars.slice(first, end).includes('/')) return undefined;
  const ranges: [string, string][] = [];
  for (let i = first; i < end; i++) {
    if (chars[i + 1] === '-' && i + 2 < end) ranges.push([chars[i]!, chars[(i += 2)]!]);
    else ranges.push([chars[i]!, chars[i]!]);
  }
  const point = (char: string) => char.codePointAt(0)!;
  const has = (char: string) =>
    ranges.some(([low, high]) => point(low) <= point(char) && point(char) <= point(high)) !== negated;
  return { part: { kind: 'class', has } as const, end: end + 1 };
}

/** `1..9`, `01..12` */
function numbersIn(text: string, reading: Reading): string[] | undefined {
  const [, from, to] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(text) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const [low, high] = [Math.min(+from, +to), Math.max(+from, +to)];
  if (high - low >= reading.numbers) return undefined;
  reading.numbers -= high - low + 1;
  const padded = [from, to].some((n) => n.length > 1 && n.startsWith('0'));
  const width = padded ? Math.max(from.length, to.length) : 0;
  return Array.from({ length: high - low + 1 }, (_, i) => String(low + i).padStart(width, '0'));
}
