import type { tokenize } from '@huggingface/jinja';

export type Token = ReturnType<typeof tokenize>[number];

/** What a test with arguments becomes, for the parser does not know it: a filter of this name. */
export const TEST = 'is ';
/** The callee that a tuple of one or of none becomes. */
export const TUPLE = 'a tuple';
/** The callee that a `{% with %}` block becomes. */
export const WITH = 'with these';

/** The tokens of what Jinja2 reads and the parser does not, as those of what it reads. */
export const rewritten = (tokens: readonly Token[]): Token[] => statements(tests(tuples(numbers(tokens))));

const token = (type: Token['type'], value: string): Token => ({ type, value });
const name = (value: string) => token('Identifier', value);
const isName = (of: Token | undefined, ...values: string[]): boolean =>
  of?.type === 'Identifier' && (!values.length || values.includes(of.value));

/** `1e3`, `1.5e-3`, `1_000`, `0x1f`: a number, and what was taken for a name behind it. */
function numbers(tokens: readonly Token[]): Token[] {
  const found: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const [number, next, sign, power] = tokens.slice(i, i + 4);
    const text = number!.value + (next?.value ?? '');
    if (number!.type !== 'NumericLiteral' || !isName(next)) found.push(number!);
    else if (/e$/i.test(text) && /^[-+]$/.test(sign?.value ?? '') && power?.type === 'NumericLiteral') {
      found.push(float(text + sign!.value + power.value));
      i += 3;
    } else if (/^[\d.]+e\d+$/i.test(text)) {
      found.push(float(text));
      i++;
    } else if (/^\d+(_\d+)+$|^0[xob][\da-f]+$/i.test(text)) {
      found.push(token('NumericLiteral', String(Number(text.replaceAll('_', '')))));
      i++;
    } else found.push(number!);
  }
  return found;
}

/** The parser takes a number with a point for a float. */
const float = (text: string): Token =>
  token('NumericLiteral', text.includes('.') ? text : text.replace(/e/i, '.0e'));

/** Words before a bracket that do not call anything. */
const keywords = ['in', 'if', 'else', 'and', 'or', 'not', 'is', 'elif', 'set', 'call'];
const OPENS: ReadonlySet<string> = new Set(['OpenParen', 'OpenSquareBracket', 'OpenCurlyBracket']);
const CLOSES: ReadonlySet<string> = new Set(['CloseParen', 'CloseSquareBracket', 'CloseCurlyBracket']);

interface Opened {
  readonly at: number;
  readonly calls: boolean;
  commas: number;
}

/** Nothing but one item so far. */
const isLone = (bracket: Opened | undefined): bracket is Opened =>
  bracket !== undefined && !bracket.calls && !bracket.commas;

/** A comma behind the last item makes a tuple of one, and says nothing elsewhere. */
function tuples(tokens: readonly Token[]): Token[] {
  const found: Token[] = [];
  const opened: Opened[] = [];
  for (const [i, of] of tokens.entries()) {
    const next = tokens[i + 1];
    const bracket = opened.at(-1);
    if (OPENS.has(of.type)) {
      const calls = isCalled(tokens[i - 1]);
      if (of.type === 'OpenParen' && next?.type === 'CloseParen' && !calls) found.push(name(TUPLE));
      opened.push({ at: found.length, commas: 0, calls });
    } else if (CLOSES.has(of.type)) opened.pop();
    else if (of.type === 'Comma' && next?.type === 'CloseParen') {
      if (isLone(bracket)) found.splice(bracket.at, 0, name(TUPLE));
      continue;
    } else if (of.type === 'Comma' && bracket) bracket.commas++;
    found.push(of);
  }
  return found;
}

/** A bracket behind it calls it, or takes an item of it. */
const isCalled = (before: Token | undefined): boolean =>
  before !== undefined && (CLOSES.has(before.type) || (isName(before) && !isName(before, ...keywords)));

/** `x is divisibleby(2)`, `x is divisibleby 2`, `x is not in [1]`. */
function tests(tokens: readonly Token[]): Token[] {
  const found: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const negated = isName(tokens[i + 1], 'not') || tokens[i + 1]?.value === 'not';
    const at = i + (negated ? 2 : 1);
    const [test, next] = [tokens[at], tokens[at + 1]];
    if (!isName(tokens[i], 'is') || !isName(test) || !beginsArgument(next)) {
      found.push(tokens[i]!);
      continue;
    }
    found.push(token('Pipe', '|'), name(`${TEST}${negated ? 'not ' : ''}${test!.value}`));
    i = at;
    if (next!.type === 'OpenParen') continue;
    const end = endOfArgument(tokens, at + 1);
    found.push(token('OpenParen', '('), ...tests(tokens.slice(at + 1, end)), token('CloseParen', ')'));
    i = end - 1;
  }
  return found;
}

const beginsArgument = (of: Token | undefined): boolean =>
  of !== undefined &&
  (OPENS.has(of.type) ||
    of.type === 'StringLiteral' ||
    of.type === 'NumericLiteral' ||
    (isName(of) && !isName(of, ...keywords, 'recursive')));

/** Behind a value, its brackets and its attributes. */
function endOfArgument(tokens: readonly Token[], start: number): number {
  let at = OPENS.has(tokens[start]!.type) ? behindBracket(tokens, start) : start + 1;
  for (;;) {
    const { type } = tokens[at] ?? {};
    if (type === 'Dot') at += 2;
    else if (type === 'OpenParen' || type === 'OpenSquareBracket') at = behindBracket(tokens, at);
    else return at;
  }
}

function behindBracket(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    if (OPENS.has(tokens[at]!.type)) depth++;
    else if (CLOSES.has(tokens[at]!.type) && --depth === 0) return at + 1;
  }
  return tokens.length;
}

/** `{% with a = 1 %}` sets in a block of its own; `{% filter a | b %}` is one within the other. */
function statements(tokens: readonly Token[]): Token[] {
  const found: Token[] = [];
  const filters: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const [of, keyword] = [tokens[i]!, tokens[i + 1]];
    if (of.type !== 'OpenStatement' || !isName(keyword, 'with', 'endwith', 'filter', 'endfilter')) {
      found.push(of);
      continue;
    }
    let end = i;
    while (end < tokens.length && tokens[end]!.type !== 'CloseStatement') end++;
    if (end === tokens.length) return [...tokens];
    const inner = tokens.slice(i + 2, end);
    i = end;
    const { value } = keyword!;
    if (value === 'with') {
      found.push(...statement(name('call'), name(WITH), token('OpenParen', '('), token('CloseParen', ')')));
      for (const part of parts(inner, 'Comma'))
        if (part.length) found.push(...statement(name('set'), ...part));
    } else if (value === 'endwith') found.push(...statement(name('endcall')));
    else if (value === 'filter') {
      const chain = parts(inner, 'Pipe');
      filters.push(chain.length);
      for (const part of chain.reverse()) found.push(...statement(name('filter'), ...part));
    } else {
      const count = filters.pop() ?? 1;
      for (let k = 0; k < count; k++) found.push(...statement(name('endfilter')));
    }
  }
  return found;
}

const statement = (...inner: readonly Token[]): Token[] => [
  token('OpenStatement', '{%'),
  ...inner,
  token('CloseStatement', '%}'),
];

/** Between the separators that are in no bracket. */
function parts(tokens: readonly Token[], separator: Token['type']): Token[][] {
  const found: Token[][] = [[]];
  let depth = 0;
  for (const of of tokens) {
    if (OPENS.has(of.type)) depth++;
    if (CLOSES.has(of.type)) depth--;
    if (of.type === separator && !depth) found.push([]);
    else found.at(-1)!.push(of);
  }
  return found;
}
