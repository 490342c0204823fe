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
  return parseRange(chars, 0, chars.length, {
    braces: bracesOf(chars),
    lastClosed: chars.lastIndexOf(']'),
    numbers: NUMBERS,
  });
}

export const hasGlob = (pattern: string): boolean => /[*?[{]/.test(pattern);

interface Reading {
  readonly braces: ReadonlyMap<number, Brace>;
  /** Where the last `]` is. */
  readonly lastClosed: number;
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

/** What was read at a place, and where the next begins. */
interface Read {
  readonly parts: readonly Part[];
  readonly end: number;
}

function parseRange(chars: readonly string[], from: number, to: number, reading: Reading): Part[] {
  const parts: Part[] = [];
  for (let i = from; i < to;) {
    const char = chars[i]!;
    const special = specials[char]?.(chars, i, to, reading);
    const read = special ?? { parts: [{ kind: 'text' as const, text: char }], end: i + 1 };
    // Any folders behind any folders are any folders.
    const again = parts.at(-1)?.kind === 'folders' && read.parts[0]?.kind === 'folders';
    parts.push(...(again ? read.parts.slice(1) : read.parts));
    i = read.end;
  }
  return parts;
}

/** The special characters; undefined where one stands for itself. */
const specials: Readonly<
  Record<string, (chars: readonly string[], at: number, to: number, reading: Reading) => Read | undefined>
> = {
  '\\': (chars, at, to) =>
    at + 1 < to ? { parts: [{ kind: 'text', text: chars[at + 1]! }], end: at + 2 } : undefined,
  '{': braceAt,
  '[': (chars, at, to, { lastClosed }) => (at < lastClosed ? classAt(chars, at, to) : undefined),
  '*': starsAt,
  '?': (_chars, at) => ({ parts: [{ kind: 'any' }], end: at + 1 }),
};

/** `{a,b}` and `{1..9}`. */
function braceAt(chars: readonly string[], at: number, _to: number, reading: Reading): Read | undefined {
  const brace = reading.braces.get(at);
  if (!brace) return undefined;
  const end = brace.end + 1;
  if (brace.commas.length) {
    const ends = [...brace.commas, brace.end];
    const choices = ends.map((stop, n) => parseRange(chars, (n ? ends[n - 1]! : at) + 1, stop, reading));
    return { parts: [{ kind: 'one of', choices }], end };
  }
  const numbers = numbersIn(chars.slice(at + 1, brace.end).join(''), reading);
  if (!numbers) return undefined;
  const choices = numbers.map((number) => [...number].map((text) => ({ kind: 'text', text }) as const));
  return { parts: [{ kind: 'one of', choices }], end };
}

/** `*`, and `**` as a whole folder. */
function starsAt(chars: readonly string[], at: number, to: number): Read {
  let end = at;
  while (end < to && chars[end] === '*') end++;
  const whole =
    end - at === 2 && [chars[at - 1], chars[end]].every((beside) => beside === undefined || beside === '/');
  if (!whole) return { parts: [{ kind: 'star' }], end };
  if (chars[end] === undefined)
    return { parts: [{ kind: 'folders' }, { kind: 'any' }, { kind: 'star' }], end };
  // With the `/` after it: there may be no folder at all.
  return { parts: [{ kind: 'folders' }], end: end + 1 };
}

/** `[a-z]`; undefined where it is not closed, or would hold a `/`. */
function classAt(chars: readonly string[], start: number, to: number): Read | undefined {
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
  return { parts: [{ kind: 'class', has }], end: end + 1 };
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
