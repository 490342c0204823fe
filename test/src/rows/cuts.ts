import { TemperError } from '@temper/contracts';
import { readExamples } from '@temper/data';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Format, TextRow } from './write-formats.js';

/**
 * Cuts a file at seeded places, and tells those where reading it does not end as it must. Of compressed files, Parquet
 * and JSON lists every cut is an error.
 */
export async function wrongCuts(file: string, format: Format, places: readonly number[]): Promise<string[]> {
  const whole = await readFile(file);
  const cut = join(file, '..', `cut.${format}`);
  const wrong: string[] = [];
  for (const place of places) {
    const bytes = whole.subarray(0, place);
    await writeFile(cut, bytes);
    const expected = wanted(format, bytes);
    const found = await outcome(cut);
    if (found !== (expected === 'error' ? expected : JSON.stringify(expected))) {
      wrong.push(`${format} cut at ${place} of ${whole.length}: ${found.slice(0, 200)}`);
    }
  }
  return wrong;
}

async function outcome(file: string): Promise<string> {
  const rows: unknown[] = [];
  try {
    for await (const row of readExamples([file], { text: 'text', label: 'label' })) rows.push(row);
  } catch (error) {
    if (error instanceof TemperError && error.code === 'DATA_INVALID') return 'error';
    throw error;
  }
  return JSON.stringify(rows);
}

function wanted(format: Format, bytes: Buffer): readonly TextRow[] | 'error' {
  const text = bytes.toString('utf8');
  if (format === 'csv') return separatedRows(text, ',');
  if (format === 'tsv') return separatedRows(text, '\t');
  return format === 'jsonl' ? jsonRows(text) : 'error';
}

/** A cut within a character leaves the one that stands for what is wrong. */
const isCutCharacter = (text: string) => text.endsWith('\ufffd');

function jsonRows(text: string): readonly TextRow[] | 'error' {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  try {
    return lines.map((line) => JSON.parse(line) as TextRow);
  } catch {
    return 'error';
  }
}

function separatedRows(text: string, delimiter: string): readonly TextRow[] | 'error' {
  const records = recordsOf(text, delimiter);
  if (!records || isCutCharacter(text)) return 'error';
  const [header, ...rows] = records;
  if (!header) return [];
  if (header.join() !== 'text,label' || rows.some(({ length }) => length !== 2)) return 'error';
  return rows.map(([first, second]) => ({ text: first!, label: second! }));
}

/** A reader of one character at a time, of the kind that is written again and again: the judge of ours. */
function recordsOf(text: string, delimiter: string): string[][] | undefined {
  const records: string[][] = [];
  const record: string[] = [];
  let [field, quoted] = ['', false];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted && char === '"' && text[i + 1] === '"') field += text[++i];
    else if (char === '"' && (quoted || field === '')) quoted = !quoted;
    else if (!quoted && (char === delimiter || char === '\n')) {
      record.push(field);
      field = '';
      if (char === '\n') records.push(record.splice(0));
    } else field += char;
  }
  if (quoted) return undefined;
  return record.length || field ? [...records, [...record, field]] : records;
}
