import type { DuckDBConnection } from '@duckdb/node-api';
import { TemperError } from '@temper/contracts';
import { csvTable } from './csv.js';
import { jsonTable } from './json.js';
import { parquetTable } from './parquet.js';
import { plainPath } from './plain-path.js';
import { textTable } from './text.js';
import { basename } from 'node:path';

/** A file that DuckDB can read, described but not read yet. */
export interface Table {
  readonly columns: readonly string[];
  /** A table expression with the columns as text; lists and structures as JSON text. */
  from(columns: readonly string[]): string;
}

type Format = (connection: DuckDBConnection, file: string, extension: string) => Promise<Table>;

/** Extension -> format; `.gz` and `.zst` may follow any of them. */
const formats: Readonly<Record<string, Format>> = {
  csv: csvTable,
  tsv: csvTable,
  json: jsonTable,
  jsonl: jsonTable,
  ndjson: jsonTable,
  parquet: parquetTable,
  txt: textTable,
  text: textTable,
};

/** @throws TemperError DATA_INVALID for an extension that is not known or a file that cannot be read. */
export async function openTable(connection: DuckDBConnection, file: string): Promise<Table> {
  const extension = /\.([a-z0-9]+)(?:\.(?:gz|zst))?$/i.exec(basename(file))?.[1]?.toLowerCase() ?? '';
  const format = formats[extension];
  if (!format) {
    throw new TemperError('DATA_INVALID', {
      path: file,
      message: 'the format of this file is not known from its name',
      found: extension ? `.${extension}` : 'no extension',
      allowed: `${Object.keys(formats)
        .map((name) => `.${name}`)
        .join(' ')} (and .gz, .zst of each)`,
    });
  }
  return readable(file, async () => format(connection, await plainPath(connection, file), extension));
}

/** Turns what DuckDB says about a file into DATA_INVALID with the file and the line. */
export async function readable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TemperError) throw error;
    const said = (error as Error).message;
    const line = /\bline:? (\d+)/i.exec(said)?.[1];
    throw new TemperError(
      'DATA_INVALID',
      { path: line ? `${file}:${line}` : file, message: `the file cannot be read: ${reason(said)}` },
      { cause: error },
    );
  }
}

// DuckDB's messages go on with settings and possible solutions in its own terms.
function reason(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const end = lines.findIndex((line) => /^(Possible|LINE \d|file =)/.test(line));
  return lines
    .slice(0, end < 0 ? 3 : end)
    .filter(Boolean)
    .map((line) => line.replace(/^(Invalid Input|IO|Conversion|Invalid) Error: /, ''))
    .join(' ')
    .slice(0, 300);
}
