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
  const open: { readonly names: Set<string> | undefined; name: string }[] = [];
  let before = '';
  for (const { token: found } of jsonTokens(text)) {
    const inner = open.at(-1);
    if (found === '{' || found === '[') open.push({ names: found === '{' ? new Set() : undefined, name: '' });
    else if (found === '}' || found === ']') open.pop();
    else if (found.startsWith('"')) {
      const isName = inner?.names && (before === '{' || before === ',');
      if (isName && open.length <= levels) {
        inner.name = JSON.parse(found) as string;
        if (inner.names.has(inner.name)) repeated.push(open.map(({ name }) => name).join('.'));
        inner.names.add(inner.name);
      }
    } else if (inner && !inner.names && /^-?\d/.test(found) && !/^\d+$/.test(found)) notWhole.push(found);
    before = found;
  }
  return { repeated, notWhole };
}
