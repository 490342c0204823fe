import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { locateSource } from '@temper/sources';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startTemper } from './temper.js';
import { writeTinyBert } from './tiny-classifier.js';

const MB = 2 ** 20;
let folder: string;
let server: Server;
let url: string;
/** Bytes that were asked for, by path. */
const sent = new Map<string, number>();

const line = (i: number) => `this row is number ${i} and a good one,${i % 2 ? 'good' : 'bad'}\n`;
const rows = Array.from({ length: 300_000 }, (_, i) => line(i));
const files: Record<string, Buffer> = {
  '/rows.csv': Buffer.from(['text,label\n', ...rows].join('')),
  '/body.csv': Buffer.from(['body,label\n', ...rows].join('')),
  '/rows.jsonl': Buffer.from(
    rows
      .map((text, i) => `${JSON.stringify({ text: `${i} ${text}`, label: i % 2 ? 'good' : 'bad' })}\n`)
      .join(''),
  ),
  '/broken.jsonl': Buffer.from(`{"text":"a"\n${'x'.repeat(9 * MB)}`),
};
files['/rows.csv.gz'] = gzipSync(Buffer.concat([files['/rows.csv']!, incompressible(9 * MB)]));

/** Row groups of 20,000 rows, with texts that pack badly, lists and structures, and a Bloom filter's place in the footer. */
async function largeParquet(file: string, lines: readonly string[]): Promise<Buffer> {
  const noise = incompressible(24 * MB)
    .toString('latin1')
    .replaceAll('"', 'q')
    .replaceAll('\\', 'b');
  const csv = lines.slice(0, 200_000).map((line, i) => {
    const [text, label] = line.trim().split(',');
    return `"${text} ${noise.slice(i * 100, i * 100 + 100)}",${label}\n`;
  });
  await writeFile(`${file}.csv`, ['text,label\n', ...csv].join(''));
  const database = await DuckDBInstance.create();
  const connection = await database.connect();
  await connection.run(
    `COPY (SELECT text, label, [label, text[1:3]] AS more, {'n': 1} AS nested FROM read_csv('${file}.csv', quote = '"', header = true))
     TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 20480)`,
  );
  connection.closeSync();
  return readFile(file);
}

/** Hexadecimal digits of a counter's squares: a text that packs badly. */
function incompressible(bytes: number): Buffer {
  const text = Buffer.alloc(bytes, 'x');
  let state = 1;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text[i] = 33 + ((state >>> 16) % 90);
  }
  return text;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-remote-'));
  await writeTinyBert(join(folder, 'model'));
  await mkdir(join(folder, 'cache'));
  files['/rows.parquet'] = await largeParquet(join(folder, 'rows.parquet'), rows);
  server = createServer((request, response) => {
    const named = request.url === '/download?file=7';
    const body = files[named ? '/rows.parquet' : request.url!];
    if (named) response.setHeader('content-disposition', 'attachment; filename="rows.parquet"');
    if (!body) return response.writeHead(404).end();
    const last = Number(/bytes=-(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (last) {
      sent.set(request.url!, (sent.get(request.url!) ?? 0) + last);
      const range = `bytes ${body.length - last}-${body.length - 1}/${body.length}`;
      return response.writeHead(206, { etag: '"1"', 'content-range': range }).end(body.subarray(-last));
    }
    const end = Math.min(
      Number(/bytes=0-(\d+)/.exec(request.headers.range ?? '')?.[1] ?? Infinity),
      body.length - 1,
    );
    const part = body.subarray(0, end + 1);
    sent.set(request.url!, (sent.get(request.url!) ?? 0) + part.length);
    if (part.length < body.length) response.setHeader('content-range', `bytes 0-${end}/${body.length}`);
    return response.writeHead(part.length < body.length ? 206 : 200, { etag: '"1"' }).end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

async function check(path: string) {
  const spec = { name: 'remote', model: { base: 'model' }, dataset: { train: url + path } };
  await writeFile(join(folder, 'spec.yaml'), stringify(spec));
  const env = { TEMPER_CACHE: join(folder, 'cache') };
  const ended = await startTemper(folder, ['run', 'spec.yaml', '--check'], env).ended;
  expect(await readdir(folder)).not.toContain('.temper');
  return { ...ended, said: ended.stdout + ended.stderr };
}

it.each(['/rows.csv', '/rows.jsonl', '/rows.csv.gz'])(
  'the check of a large remote file reads its beginning: %s',
  async (path) => {
    expect(files[path]!.length).toBeGreaterThan(8 * MB);
    const { code, said } = await check(path);
    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
    expect(said).toContain('train its first 200 rows (the others are read by ingest)');
    expect(said).toContain('recognised by their names');
    expect(sent.get(path)).toBeLessThanOrEqual(3 * MB);
  },
);

it('of a large remote Parquet file its end and its first rows are read', async () => {
  const { length } = files['/rows.parquet']!;
  expect(length).toBeGreaterThan(12 * MB);
  const { code, said } = await check('/rows.parquet');
  expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
  expect(said).toContain('train its first 200 rows (the others are read by ingest)');
  expect(sent.get('/rows.parquet')).toBeLessThanOrEqual(length / 4);
});

it('and of one that only the answer calls so: ingest finds the same', async () => {
  const { length } = files['/rows.parquet']!;
  const { code, said } = await check('/download?file=7');
  expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
  expect(said).toContain('train its first 200 rows (the others are read by ingest)');
  expect(sent.get('/download?file=7')).toBeLessThanOrEqual(length / 4);
  const whole = await locateSource(`${url}/download?file=7`, {
    cacheFolder: join(folder, 'whole'),
    baseFolder: folder,
  });
  expect(whole.cut).toBeUndefined();
  expect((await readFile(whole.files[0]!)).equals(files['/rows.parquet']!)).toBe(true);
  expect(basename(whole.files[0]!)).toBe('rows.parquet');
});

it('and still tells what is wrong with it there', async () => {
  const columns = await check('/body.csv');
  expect(columns).toMatchObject({ code: 2 });
  expect(columns.said).toMatch(/dataset\.columns: \{/);
  expect(await check('/broken.jsonl')).toMatchObject({ code: 2 });
});
