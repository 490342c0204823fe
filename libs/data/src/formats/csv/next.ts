import { TextFault } from '../fault.js';
import type { TextCursor } from '../text/cursor.js';
import type { RecordReader } from './record.js';

/** Moves on to the next record; false at the end. */
export async function next(cursor: TextCursor, records: RecordReader): Promise<boolean> {
  while (!read(cursor, records)) {
    if (cursor.whole) return false;
    await cursor.more();
  }
  return true;
}

/** Moves on over a record that is there as a whole. */
export function read(cursor: TextCursor, records: RecordReader): boolean {
  if (cursor.pos >= cursor.text.length) return false;
  try {
    if (!records.read(cursor.text, cursor.pos, cursor.whole)) return false;
  } catch (error) {
    if (!(error instanceof TextFault)) throw error;
    throw new TextFault(cursor.at(error.at), error.message, error.details);
  }
  cursor.pos = records.end;
  return true;
}

export const isBlank = ({ fields, hasQuotes }: RecordReader) =>
  fields.length === 1 && !hasQuotes && fields[0]!.trim() === '';
