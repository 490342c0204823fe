import { inspectDataset, readExamples } from '@temper/data';
import { parsePipelineSpec, type Columns, type PipelineSpecInput } from '@temper/spec';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { damaged } from '../bytes.js';
import { faulty } from '../json.js';
import type { HostileInput, Parser } from '../parser.js';
import type { Random } from '../random.js';
import { word } from '../words.js';
import { seedFile } from './goldens.js';
import { parquetFile } from './parquet-file.js';

const shapes: readonly { columns: Columns; row: (random: Random) => Record<string, unknown> }[] = [
  {
    columns: { text: 'text', label: 'label' },
    row: (random) => ({ text: `row ${random.below(99)}`, label: random.pick(['a', 'b']) }),
  },
  {
    columns: { prompt: 'prompt', completion: 'completion' },
    row: (random) => ({ prompt: `what is ${random.below(99)}`, completion: 'that' }),
  },
  {
    columns: { messages: 'messages' },
    row: () => ({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'ho' },
      ],
    }),
  },
  {
    columns: { inputIds: 'inputIds', labels: 'labels' },
    row: () => ({ inputIds: [1, 2, 3], labels: [-100, 2, 3] }),
  },
];

const zst = seedFile('rows.jsonl.zst');

/** The file, whole or damaged, packed or not. */
function packed(random: Random, name: string, content: Buffer): NonNullable<HostileInput['files']> {
  const plain = random.chance(0.5) ? damaged(content, random) : content;
  // Few of them .zst: each costs threads of its own.
  const how = random.below(64);
  if (how > 8) return { [name]: plain };
  const [ending, file] = how ? (['.gz', gzipSync(plain, { level: 1 })] as const) : (['.zst', zst] as const);
  return { [name + ending]: random.chance(0.6) ? damaged(file, random) : file };
}

const read: Parser['read'] = async ({ columns, files }, folder) => {
  const paths = Object.keys(files!).map((name) => join(folder, name));
  const task = 'label' in (columns as object) ? 'sequence-classification' : 'causal-lm';
  const dataset = { train: paths[0]!, columns: columns as Columns };
  const given = { name: 'a', task, model: { base: 'm' }, dataset } as PipelineSpecInput;
  const outcomes = await Promise.allSettled([
    inspectDataset(parsePipelineSpec(given), { train: [{ files: paths }] }),
    (async () => {
      let rows = 0;
      for await (const _ of readExamples(paths, columns as Columns)) rows++;
      return rows;
    })(),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
};

const rowsOf = (random: Random) => {
  const { columns, row } = random.pick(shapes);
  return { columns, rows: Array.from({ length: 1 + random.below(12) }, () => row(random)) };
};

export const json: Parser = {
  name: 'json',
  inputs: 20_000,
  make: (random) => {
    const { columns, rows } = rowsOf(random);
    const lines = () =>
      rows.map((row) => (random.chance(0.4) ? faulty(row, random) : JSON.stringify(row))).join('\n');
    const whole = () => faulty(random.pick([rows, { data: rows }, { rows, version: 1 }, rows[0]]), random);
    const [name, content] = random.chance(0.5) ? ['train.jsonl', lines()] : ['train.json', whole()];
    const start = random.chance(0.05) ? '\ufeff' : '';
    const encoding = random.chance(0.05) ? 'utf16le' : 'utf8';
    return { columns, files: packed(random, name, Buffer.from(start + content, encoding)) };
  },
  read,
};

export const csv: Parser = {
  name: 'csv',
  inputs: 20_000,
  make: (random) => {
    const { columns, rows } = rowsOf(random);
    const comma = random.pick([',', ',', ';', '\t', '|']);
    const end = random.pick(['\n', '\n', '\r\n', '\r']);
    const cell = (value: unknown) => {
      const text = random.chance(0.2)
        ? word(random)
        : typeof value === 'string'
          ? value
          : JSON.stringify(value);
      return random.chance(0.5) || /[",;\t|\n\r]/.test(text)
        ? `"${text.replaceAll('"', random.chance(0.9) ? '""' : '"')}"`
        : text;
    };
    const names = Object.keys(rows[0]!).map((name) => (random.chance(0.03) ? word(random) : name));
    const lines = [names, ...rows.map((row) => Object.values(row).map(cell))];
    const content = lines
      .map((line) => line.concat(random.chance(0.03) ? ['more'] : []).join(comma))
      .join(end);
    const start = random.pick(['', '', '', '\ufeff', 'sep=;\n', '\n\n']);
    const name = comma === '\t' && random.chance(0.8) ? 'train.tsv' : 'train.csv';
    const encoding = random.chance(0.05) ? 'utf16le' : random.chance(0.1) ? 'latin1' : 'utf8';
    return { columns, files: packed(random, name, Buffer.from(start + content, encoding)) };
  },
  read,
};

export const parquet: Parser = {
  name: 'parquet',
  inputs: 20_000,
  make: (random) => {
    const { columns, bytes } = parquetFile(random);
    return { columns, files: { 'train.parquet': bytes } };
  },
  read,
};
