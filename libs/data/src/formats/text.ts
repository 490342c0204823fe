import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table } from './table.js';
import { oneFile } from './plain-path.js';

/**
 * Lines of text as a table with the single column `text`; U+0001, which no text has, stands for the delimiter. `strict`
 * refuses a file whose lines end in different ways; otherwise a line after a bare carriage return may lose a character.
 */
export const linesOf = (file: string, { strict = true } = {}) =>
  `read_csv(${oneFile(file)}, auto_detect=false, header=false, delim='\u0001', quote='', escape='', ` +
  `max_line_size=67108864, strict_mode=${strict}, columns={'text': 'VARCHAR'})`;

/** Plain text: one row a line. */
export const textTable = async (_: DuckDBConnection, file: string): Promise<Table> => ({
  columns: ['text'],
  from: () => linesOf(file),
});
