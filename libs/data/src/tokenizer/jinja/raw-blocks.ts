import type { Token } from './tokens.js';

const SIGN = '\ue0f0raw ';

/** A template with a sign in the place of each `{% raw %}` block, and the blocks' texts. */
export function withoutRaw(source: string): { text: string; raws: readonly string[] } {
  const raws: string[] = [];
  const block = /(^[ \t]*)?\{%([-+]?)\s*raw\s*(-?)%\}([^]*?)\{%([-+]?)\s*endraw\s*([-+]?)%\}(\n?)/gm;
  const text = source.replace(block, (...found) => {
    const [, indent = '', before, trims, body, behind, after, line] = found as (string | undefined)[];
    raws.push(trimmed(body!, trims === '-', behind!));
    // White space before and behind, as trim_blocks and lstrip_blocks leave it.
    const [open, close] = [before === '-' ? '{{-' : '{{', after === '-' ? '-}}' : '}}'];
    return `${before === '+' ? indent : ''}${open} "${SIGN}${raws.length - 1}" ${close}${after === '+' ? line! : ''}`;
  });
  return { text, raws };
}

function trimmed(body: string, start: boolean, end: string): string {
  const text = start ? body.trimStart() : body;
  if (end === '-') return text.trimEnd();
  return end ? text : text.replace(/(^|\n)[ \t]*$/, '$1');
}

export const withRaw = (token: Token, raws: readonly string[]): Token =>
  token.type === 'StringLiteral' && token.value.startsWith(SIGN)
    ? { type: token.type, value: raws[Number(token.value.slice(SIGN.length))]! }
    : token;
