import { jsonTokens } from '@temper/contracts';

/** What JSON.parse lets pass, and strict readers (serde) do not. */
export interface JsonDoubts {
  /** Names that an object has twice, as `a.b`. */
  readonly repeated: readonly string[];
  /** Numbers in lists that are not written as whole ones: `1.0`, `1e3`, `-0`. */
  readonly notWhole: readonly string[];
}

/**
 * Goes once over a text that JSON.parse has read, so its syntax is right. `levels` is how deep names are looked at:
 * 1 for those of the outermost object alone.
 */
export function jsonDoubts(text: string, levels: number): JsonDoubts {
  const repeated: string[] = [];
  const notWhole: string[] = [];
  const open: Opened[] = [];
  let before = '';
  for (const { token } of jsonTokens(text)) {
    const inner = open.at(-1);
    if ('{['.includes(token)) open.push({ names: token === '{' ? new Set() : undefined, name: '' });
    else if ('}]'.includes(token)) open.pop();
    else if (inner?.names) {
      const isName = token.startsWith('"') && (before === '{' || before === ',') && open.length <= levels;
      if (isName && isRepeated(inner, JSON.parse(token) as string))
        repeated.push(open.map(({ name }) => name).join('.'));
    } else if (inner && isFraction(token)) notWhole.push(token);
    before = token;
  }
  return { repeated, notWhole };
}

/** An object, by its names so far and the newest of them, or a list. */
interface Opened {
  readonly names: Set<string> | undefined;
  name: string;
}

function isRepeated(object: Opened, name: string): boolean {
  object.name = name;
  const known = object.names!.has(name);
  object.names!.add(name);
  return known;
}

/** A number that is not written as a whole one. */
const isFraction = (token: string): boolean => /^-?\d/.test(token) && !/^\d+$/.test(token);
