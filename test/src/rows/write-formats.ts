import { DuckDBInstance } from '@duckdb/node-api';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface TextRow {
  readonly text: string;
  readonly label: string;
}

export const formats = [
  ...['csv', 'tsv', 'json', 'jsonl', 'parquet'],
  ...['csv.gz', 'jsonl.gz', 'csv.zst', 'jsonl.zst'],
] as const;
export type Format = (typeof formats)[number];

const pieces = [
  'plain words',
  'a, b; c|d',
  '"quoted"',
  '""',
  'tab\there',
  "it's",
  '😀 e\u0301 中文',
  '\\n \\',
  '{"a":[1]}',
];
const labels = ['good', 'bad', 'so, so', '"odd"', 'zwei\nZeilen'];

/** Rows with all that needs quoting or escaping somewhere; row i depends on i alone. */
export function textRows(count: number): TextRow[] {
  return Array.from({ length: count }, (_, i) => {
    const random = createHash('sha256').update(`row ${i}`).digest();
    const words = [...random.subarray(0, 2 + (random[31]! % 6))].map((byte) => pieces[byte % pieces.length]!);
    return {
      text: `${i} ${words.join(random[30]! % 4 ? ' ' : '\n')}`,
      label: labels[random[29]! % labels.length]!,
    };
  });
}

/** Writes the rows as `NAME.FORMAT`, as usual tools write it. */
export async function writeRows(
  folder: string,
  name: string,
  format: Format,
  rows: readonly TextRow[],
): Promise<string> {
  const file = join(folder, `${name}.${format}`);
  const jsonl = () => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (format === 'parquet' || format.endsWith('.zst')) await writeByDuckDb(file, rows);
  else if (format === 'json') await writeFile(file, JSON.stringify(rows, undefined, 1));
  else if (format === 'jsonl') await writeFile(file, jsonl());
  else if (format === 'jsonl.gz') await writeFile(file, gzipSync(jsonl()));
  else if (format === 'csv.gz') await writeFile(file, gzipSync(separated(rows, ',')));
  else await writeFile(file, separated(rows, format === 'tsv' ? '\t' : ','));
  return file;
}

/** As RFC 4180 has it, but with a bare \n as Python and pandas write it on most machines. */
function separated(rows: readonly TextRow[], delimiter: string): string {
  const field = (value: string) =>
    /["\n\r]/.test(value) || value.includes(delimiter) ? `"${value.replaceAll('"', '""')}"` : value;
  const lines = rows.map(({ text, label }) => [text, label].map(field).join(delimiter));
  return [`text${delimiter}label`, ...lines, ''].join('\n');
}

async function writeByDuckDb(file: string, rows: readonly TextRow[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run('CREATE TABLE rows (text VARCHAR, label VARCHAR)');
  const appender = await connection.createAppender('rows');
  for (const { text, label } of rows) {
    appender.appendVarchar(text);
    appender.appendVarchar(label);
    appender.endRow();
  }
  appender.closeSync();
  const kind = file.includes('.csv') ? 'csv' : file.includes('.jsonl') ? 'json' : 'parquet';
  const how = kind === 'parquet' ? 'FORMAT parquet, ROW_GROUP_SIZE 2048' : `FORMAT ${kind}, COMPRESSION zstd`;
  await connection.run(`COPY rows TO '${file.replaceAll("'", "''")}' (${how})`);
  connection.closeSync();
  instance.closeSync();
}
