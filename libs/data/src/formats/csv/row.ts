import { excerpt, TextFault } from '../fault.js';
import { plainName } from './header.js';
import type { RecordReader } from './record.js';

/**
 * The fields of a record, as many as the header has. Empty ones at the end are nothing: spreadsheets write a delimiter too
 * many; and a column without a name may be missing.
 * @throws TextFault for a record of more fields, or of fewer.
 */
export function fitted({ fields, dialect }: RecordReader, columns: readonly string[], at: number): string[] {
  if (fields.length === columns.length) return fields;
  const missing = columns.slice(fields.length);
  const nameless = missing.every((name, i) => name === `column${fields.length + i}`);
  if (missing.length && nameless) return [...fields, ...missing.map(() => '')];
  if (!missing.length && fields.slice(columns.length).every((field) => field.trim() === '')) {
    return fields.slice(0, columns.length);
  }
  throw new TextFault(at, `a row of ${count(fields.length)}, but the header has ${count(columns.length)}`, {
    found: excerpt(fields.join(dialect.delimiter)),
    hint: missing.length
      ? 'is a line break within a field, which then belongs in quotes?'
      : 'a field with a delimiter in it belongs in double quotes; if every row has one more, the header lacks a name (R leaves out that of the row names)',
  });
}

/** Files that were put together have the header of each among their rows. Of a single column it may be a text like others. */
export const isHeader = (fields: readonly string[], columns: readonly string[]): boolean =>
  columns.length > 1 &&
  fields[0] !== '' &&
  // A long text is no name, and not looked through.
  fields.every((field, i) => field.length <= 2 * columns[i]!.length + 16 && plainName(field) === columns[i]);

export const headerAgain = (at: number): TextFault =>
  new TextFault(at, 'the header is here once more, in place of a row', {
    hint: 'were several files put together? Take out this line, or give the files as a glob',
  });

const count = (fields: number) => `${fields} ${fields === 1 ? 'field' : 'fields'}`;
