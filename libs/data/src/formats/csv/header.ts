import type { Dialect } from './record.js';

const delimiters = [',', ';', '\t', '|'];

/** `sep=;`, which Excel writes and reads as a first line of its own. */
export const separatorLine = /^"?sep=([^\r\n])"?(?:\r\n?|\n|$)/i;

/** The one of , ; tab | that is most often in the first record, outside quotes. */
function delimiterOf(text: string, quoted: boolean): string {
  const counts = new Map(delimiters.map((delimiter) => [delimiter, 0]));
  let inside = false;
  for (const char of text) {
    if (char === '"' && quoted) inside = !inside;
    else if (!inside && (char === '\n' || char === '\r')) break;
    else if (!inside && counts.has(char)) counts.set(char, counts.get(char)! + 1);
  }
  return delimiters.reduce((best, delimiter) =>
    counts.get(delimiter)! > counts.get(best)! ? delimiter : best,
  );
}

export const dialectOf = (extension: string, text: string, quoted: boolean): Dialect => ({
  delimiter: extension === 'tsv' || extension === 'tab' ? '\t' : delimiterOf(text, quoted),
  quoted,
});

/** Spreadsheets break lines within a name. */
export const plainName = (name: string) => name.replace(/\s+/g, ' ').trim();

/** A name that is there twice is counted up (`text`, `text_1`); one that is empty is called by its place. */
export function columnNames(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((given, i) => {
    const name = plainName(given) || `column${i}`;
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times ? `${name}_${times}` : name;
  });
}
