import { Lexer, Parser, type CST } from 'yaml';

/** No spec is nested nearly so deep; at a hundred thousand, what reads it exhausts the stack, and ends the process. */
export const DEEPEST = 100;

/**
 * Where a YAML text is nested deeper than `DEEPEST`: the offset; undefined where it nowhere is. The tokens that are counted
 * are made without recursion.
 */
export function tooDeep(text: string): number | undefined {
  const bracket = tooManyBrackets(text);
  if (bracket !== undefined) return bracket;
  const stack: { token: CST.Token; depth: number }[] = [];
  for (const token of new Parser().parse(text)) stack.push({ token, depth: 0 });
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { token, depth } = next;
    if (depth > DEEPEST) return token.offset;
    for (const inner of within(token)) stack.push({ token: inner, depth: depth + 1 });
  }
  return undefined;
}

/** The same of brackets alone, which ends at the first that is too deep. */
function tooManyBrackets(text: string): number | undefined {
  let depth = 0;
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') depth++;
    else if (lexeme === ']' || lexeme === '}') depth--;
    if (depth > DEEPEST) return offset;
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
