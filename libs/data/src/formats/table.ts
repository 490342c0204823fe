import { TemperError } from '@temper/contracts';
import { basename } from 'node:path';
import type { Cell } from './cell.js';
import type { ColumnMap } from './column-map.js';
import { csvTable } from './csv/csv-table.js';
import { jsonTable } from './json/json-table.js';
import { parquetTable } from './parquet.js';
import { textTable } from './text/text-table.js';

export interface Row {
  /** Of the wanted columns, in their order. */
  readonly cells: readonly Cell[];
  /** The place of the row, for `Table.place`. */
  readonly at: number;
}

/** A file with rows. Each call reads it from the beginning; every mistake in it is DATA_INVALID with file and line. */
export interface Table {
  /** The names of the columns; of JSON all keys that occur, for which the file is read to its end. */
  columns(): Promise<readonly string[]>;
  /** All rows in their order, some at a time. */
  rows(wanted: ColumnMap): AsyncGenerator<Row[]>;
  /** `FILE:LINE`, or `FILE row N` where lines say nothing; `number` is the row's, from 1. */
  place(row: Row, number: number): Promise<string>;
}

/** How the text of a file is written, where the file does not say it. */
export interface Reading {
  readonly encoding?: string | undefined;
  readonly quote?: 'double' | 'none' | undefined;
  /** Only the beginning of the file is there: its columns are those of the rows in it. */
  readonly cut?: boolean | undefined;
}

type Format = (file: string, reading: Reading, extension: string) => Table;

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

/** Extensions that people have, and how to come to one of ours. */
const mends: readonly (readonly [extensions: readonly string[], hint: string])[] = [
  [['xlsx', 'xls', 'xlsm', 'ods'], 'save the sheet as CSV'],
  [['pq', 'parq'], 'name it .parquet'],
  [['zip', 'tar', 'tgz', '7z', 'rar'], 'unpack it, and name the files in it'],
  [['bz2', 'xz', 'lz4', 'z'], 'unpack it, or pack it as .gz or .zst'],
  [
    ['arrow', 'feather', 'orc', 'h5', 'db', 'sqlite', 'avro'],
    'write it as Parquet, e.g. with pandas: to_parquet',
  ],
  [
    ['pkl', 'pickle', 'npy', 'npz', 'pt'],
    'write it as Parquet or JSON Lines; a pickle runs code when it is read',
  ],
  [['tab', 'dat'], 'name it .tsv or .csv, as its fields are separated'],
  [['yaml', 'yml', 'xml', 'md', 'html', 'docx', 'pdf'], 'write its rows as CSV or JSON Lines'],
];

/** @throws TemperError DATA_INVALID for an extension that is not known. */
export function openTable(file: string, reading: Reading = {}): Table {
  const extension = /\.([a-z0-9]+)(?:\.(?:gz|zst))?$/i.exec(basename(file))?.[1]?.toLowerCase() ?? '';
  const format = Object.hasOwn(formats, extension) ? formats[extension] : undefined;
  if (format) return format(file, reading, extension);
  const mend = mends.find(([names]) => names.includes(extension))?.[1];
  throw new TemperError('DATA_INVALID', {
    path: file,
    message: 'the format of this file is not known from its name',
    found: extension ? `.${extension}` : 'no extension',
    allowed: `${Object.keys(formats)
      .map((name) => `.${name}`)
      .join(' ')} (and .gz, .zst of each)`,
    ...(mend ? { hint: mend } : {}),
  });
}
