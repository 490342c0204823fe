import { TextFault } from '../fault.js';
import type { TextFile } from '../text/open-text.js';
import { next } from './next.js';
import { RecordReader, type Dialect } from './record.js';

/*
 * TSV is written with quotes (spreadsheets, pandas) and without (most corpora). A field in quotes that spans lines can then
 * also be lines that begin and end with a plain quote, and a wrong guess would lose rows.
 */

/** Whether each line of a record is a row by itself where quotes are plain characters. */
export function mayBeLines(record: string, { length }: readonly string[]): boolean {
  const lines = record.replace(/(\r\n?|\n)$/, '').split(/\r\n?|\n/);
  return length > 1 && lines.length > 1 && lines.every((line) => line.split('\t').length === length);
}

/**
 * Whether the whole file speaks for quotes that quote: who writes them puts every field with a quote in quotes, and doubles
 * it there, and some field has a quote or a line break that plain lines could not have.
 */
export async function isQuoted(
  file: TextFile,
  dialect: Dialect,
  columns: readonly string[],
): Promise<boolean> {
  await using cursor = file.open();
  const records = new RecordReader(dialect);
  let certain = false;
  try {
    for (let start = cursor.at(); await next(cursor, records); start = cursor.at()) {
      if (records.hasBare) return false;
      if (certain || !records.hasQuotes) continue;
      const record = cursor.text
        .slice(cursor.pos - (cursor.at() - start), cursor.pos)
        .replace(/(\r\n?|\n)$/, '');
      certain = records.hasDoubled || (/[\r\n]/.test(record) && !mayBeLines(record, columns));
    }
  } catch (error) {
    // It is told when it is met again.
    if (!(error instanceof TextFault)) throw error;
  }
  return certain;
}

export const inDoubt = (at: number): TextFault =>
  new TextFault(at, 'lines that are a row each, or one row with a field in quotes', {
    hint: 'set dataset.quote: none where quotes are plain characters, else dataset.quote: double',
  });
