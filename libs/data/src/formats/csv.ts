import type { DuckDBConnection } from '@duckdb/node-api';
import { oneFile } from './plain-path.js';
import { columnTypes, literal } from './sql.js';
import type { Table } from './table.js';
import { linesOf } from './text.js';

/**
 * CSV and TSV: a header line, RFC 4180 quoting, every column as text. Nothing is guessed but the delimiter of a .csv file,
 * and that from the header alone, so that the same file is never read in two ways.
 */
export async function csvTable(
  connection: DuckDBConnection,
  file: string,
  extension: string,
): Promise<Table> {
  // Records end in \r\n where Python wrote them, and texts in quotes have \n in them: as lines, a mixture.
  const lines = linesOf(file, { strict: false });
  const first = await connection.runAndReadAll(`SELECT text FROM ${lines} LIMIT 1`);
  const header = String(first.getRows()[0]?.[0] ?? '').replace(/^\uFEFF/, '');
  const delimiter = extension === 'tsv' ? '\t' : delimiterOf(header);
  const columns = unique(splitHeader(header, delimiter));
  return {
    columns,
    from: () =>
      columns.length
        ? `read_csv(${oneFile(file)}, auto_detect=false, header=true, delim=${literal(delimiter)}, quote='"', escape='"', ` +
          `max_line_size=67108864, columns=${columnTypes(columns, () => 'VARCHAR')})`
        : '(SELECT NULL WHERE false)',
  };
}

/** The one of , ; tab | that is most often in the header, outside quotes. */
function delimiterOf(header: string): string {
  const bare = header.replaceAll(/"(?:[^"]|"")*"/g, '');
  const count = (delimiter: string) => bare.split(delimiter).length;
  return [',', ';', '\t', '|'].reduce((best, delimiter) =>
    count(delimiter) > count(best) ? delimiter : best,
  );
}

function splitHeader(header: string, delimiter: string): string[] {
  if (!header) return [];
  const names: string[] = [];
  let name = '';
  let quoted = false;
  for (const char of header) {
    if (char === '"') quoted = !quoted;
    else if (char === delimiter && !quoted) {
      names.push(name.trim());
      name = '';
    } else name += char;
  }
  return [...names, name.trim()];
}

/** A name that is there twice is counted up (`text`, `text_1`); one that is empty is called by its place. */
function unique(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((given, i) => {
    const name = given || `column${i}`;
    const times = seen.get(name.toLowerCase()) ?? 0;
    seen.set(name.toLowerCase(), times + 1);
    return times ? `${name}_${times}` : name;
  });
}
