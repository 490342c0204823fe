import { visible } from '@temper/contracts';

/** One line of text that Markdown and HTML leave as it is: names, labels and notes come from outside. */
export const plain = (text: string): string =>
  visible(text.replaceAll(/\s+/g, ' ')).replaceAll(/[\\`*_{}[\]<>|&~#]/g, '\\$&');

/** A code span: in marks that are longer than any within it. */
export function code(text: string): string {
  const line = visible(text.replaceAll(/\s+/g, ' '));
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const marks = '`'.repeat(longest + 1);
  const space = /^`|`$|^ .* $/.test(line) ? ' ' : '';
  return line ? `${marks}${space}${line}${space}${marks}` : '` `';
}

/** Cells are Markdown; of a pipe in them, also in code, the table would make two. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const cell = (text: string) => text.replaceAll(/\\?\|/g, '\\|');
