import { downloadSchema } from '@temper/contracts';
import { MemoryStore } from '@temper/storage';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateSource } from '../resolve-source.js';

const MB = 2 ** 20;
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'temper-heads-'))));
afterAll(() => rm(folder, { recursive: true }));

const look = async (uri: string, more = {}) => {
  const found = await locateSource(uri, {
    cacheFolder: folder,
    baseFolder: folder,
    headsOnly: true,
    ...more,
  });
  return { ...found, sizes: await Promise.all(found.files.map(async (file) => (await stat(file)).size)) };
};

const large = Buffer.from('text,label\n'.padEnd(12 * MB, 'a row,x\n'));
const weights = Buffer.alloc(12 * MB, 1);
const header = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }));
weights.writeBigUInt64LE(BigInt(5 * MB));
header.copy(weights, 8);

describe('of a large file only the beginning is fetched', () => {
  it('from a web server, with ranges and without', async () => {
    let sent = 0;
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      const body = request.url === '/small.csv' ? large.subarray(0, 1000) : large;
      const end = Number(/bytes=0-(\d+)/.exec(request.headers.range ?? '')?.[1] ?? body.length - 1);
      const part = request.url === '/deaf.csv' ? body : body.subarray(0, end + 1);
      const partial = part.length < body.length;
      if (partial) response.setHeader('content-range', `bytes 0-${end}/${body.length}`);
      response.writeHead(partial ? 206 : 200, { 'content-length': part.length, etag: '"1"' });
      sent = part.length;
      response.end(part);
    };
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const found = await look(`${url}/rows.csv`);
      expect([found.cut, found.sizes, sent]).toEqual([true, [MB], MB]);
      expect((await readFile(found.files[0]!)).equals(large.subarray(0, MB))).toBe(true);
      expect(await look(`${url}/deaf.csv`)).toMatchObject({ cut: true, sizes: [MB] });
      const small = await look(`${url}/small.csv`);
      expect([small.cut, small.sizes]).toEqual([undefined, [1000]]);
      // What is there as a whole is looked at as a whole.
      await locateSource(`${url}/rows.csv`, { cacheFolder: folder, baseFolder: folder });
      expect((await look(`${url}/rows.csv`)).cut).toBeUndefined();
    } finally {
      server.close();
    }
  });

  it('of Parquet within the same limits: a server that goes silent is told of', async () => {
    const server = createServer((_, response) => {
      response.writeHead(206, { etag: '"1"', 'content-range': `bytes 0-7/${12 * MB}` }).write('PAR');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows.parquet`;
    const limits = downloadSchema.parse({ stallSeconds: 1 });
    try {
      await expect(look(url, { limits })).rejects.toMatchObject({
        code: 'SOURCE_UNAVAILABLE',
        problems: [{ message: 'the server went silent' }],
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }, 10_000);

  it('from an object store: data cut, weights as long as they are with nothing behind their header', async () => {
    const store = new MemoryStore('bucket');
    await store.put('data/rows.csv', large);
    await store.put('data/small.csv', large.subarray(0, 10));
    await store.put('model/config.json', Buffer.from('{}'));
    await store.put('model/model.safetensors', weights);
    const data = await look('s3://bucket/data/', { store });
    expect([data.cut, data.sizes]).toEqual([true, [MB, 10]]);
    const model = await look('s3://bucket/model/', { store });
    expect([model.cut, model.sizes]).toEqual([true, [2, 12 * MB]]);
    const head = await readFile(model.files[1]!);
    // The header says that it is longer than what was asked for first.
    expect(head.subarray(0, 5 * MB + 8).equals(weights.subarray(0, 5 * MB + 8))).toBe(true);
    expect(head.subarray(5 * MB + 8).every((byte) => byte === 0)).toBe(true);
    await locateSource('s3://bucket/model/', { cacheFolder: folder, baseFolder: folder, store });
    expect((await look('s3://bucket/model/', { store })).cut).toBeUndefined();
  });
});
