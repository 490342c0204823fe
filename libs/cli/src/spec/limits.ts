import { Lexer, Parser, type CST } from 'yaml';

/** No spec is nested nearly so deep; at a hundred thousand, what reads it exhausts the stack, and ends the process. */
const DEEPEST = 100;
/** Words, marks and line ends: a hundred times what the longest spec has. Some of what reads them takes the square of their number. */
const MOST_LEXEMES = 20_000;

/** Where a text is more than a spec can be, and in which way. */
export interface Excess {
  readonly offset: number;
  readonly message: string;
  readonly allowed: string;
}

const deep = (offset: number): Excess => ({
  offset,
  message: 'nested too deep for a spec',
  allowed: `${DEEPEST} levels`,
});

/**
 * The first place where a YAML text is more than anything that is read of it can bear; undefined where it nowhere is. The
 * tokens that are counted are made without recursion.
 */
export function excessOf(text: string): Excess | undefined {
  const excess = excessOfLexemes(text);
  if (excess) return excess;
  const stack: { token: CST.Token; depth: number }[] = [];
  for (const token of new Parser().parse(text)) stack.push({ token, depth: 0 });
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { token, depth } = next;
    if (depth > DEEPEST) return deep(token.offset);
    for (const inner of within(token)) stack.push({ token: inner, depth: depth + 1 });
  }
  return undefined;
}

/** The same of brackets alone, and of how many lexemes there are; ends at the first that is too much. */
function excessOfLexemes(text: string): Excess | undefined {
  let depth = 0;
  let offset = 0;
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') depth++;
    else if (lexeme === ']' || lexeme === '}') depth--;
    if (depth > DEEPEST) return deep(offset);
    if (++count > MOST_LEXEMES) {
      const allowed = `${MOST_LEXEMES.toLocaleString('en')} words and marks`;
      return { offset, message: 'this is no spec: there is too much in it', allowed };
    }
    // What the lexer says besides the text itself.
    if (!/^[\x02\x18\x1f]$/.test(lexeme)) offset += lexeme.length;
  }
  return undefined;
}

function within(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) =>
    [key, value].filter((one) => one !== undefined && one !== null),
  );
}
