import { downloadSchema, TemperError } from '@temper/contracts';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostOf, isPublic, namesPrivate } from '../http/addresses.js';
import { httpFiles } from './http.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-http-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;
async function serving(answer: Answer) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
    return Promise.resolve();
  };
  return { asked, port, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

const limits = (changes: Parameters<typeof downloadSchema.parse>[0]) => downloadSchema.parse(changes);
const get = async (url: string, changes = {}) => {
  const { files } = await httpFiles(url, { cacheFolder: folder, limits: limits(changes) });
  return { name: basename(files[0]!), content: await readFile(files[0]!) };
};
const refusal = async (url: string, changes = {}) => {
  const error = await get(url, changes).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(TemperError);
  return error as TemperError;
};

describe('addresses', () => {
  const inside = [
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.0.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    'fec0::1',
    'nonsense',
  ];
  const outside = [
    '1.1.1.1',
    '172.32.0.1',
    '192.169.0.1',
    '100.128.0.1',
    '8.8.8.8',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ];
  it('inside the own network are known in every writing', () => {
    expect(inside.filter(isPublic)).toEqual([]);
    expect(outside.filter((address) => !isPublic(address))).toEqual([]);
    for (const url of [
      'http://2130706433/',
      'http://0x7f.1/',
      'http://127.1/',
      'http://[::ffff:127.0.0.1]/',
      'http://LOCALHOST./',
      'http://a.localhost/',
      'http://files/',
      'http://files.corp/',
    ]) {
      expect([url, namesPrivate(hostOf(new URL(url)))]).toEqual([url, true]);
    }
    for (const url of ['http://example.com/', 'http://8.8.8.8/', 'http://localhost.example.com/']) {
      expect([url, namesPrivate(hostOf(new URL(url)))]).toEqual([url, false]);
    }
  });

  it('that a redirect leads to are followed where they are public, or the host of the own address', async () => {
    await using other = await serving((_, response) => response.end('secret'));
    const targets: Record<string, string> = {
      '/metadata': 'http://169.254.169.254/',
      '/localhost': `http://localhost:${other.port}/`,
      '/six': `http://[::ffff:127.0.0.1]:${other.port}/`,
      '/private': 'http://10.0.0.1/',
      '/file': 'file:///etc/passwd',
      '/ftp': 'ftp://127.0.0.1/x',
      '/data': 'data:text/csv,a',
      '/bad': 'http://[/',
      '/round': '/round',
    };
    await using server = await serving((request, response) => {
      if (request.url === '/own') return response.writeHead(302, { location: '/rows.csv' }).end();
      const location = targets[request.url!];
      return location ? response.writeHead(302, { location }).end() : response.end('rows');
    });
    for (const path of Object.keys(targets)) {
      expect((await refusal(server.url + path)).code).toBe('SOURCE_REFUSED');
    }
    expect(other.asked).toHaveLength(0);
    expect(server.asked.filter(({ url }) => url === '/round')).toHaveLength(6);
    expect((await refusal(`${server.url}/round`, { maxRedirects: 2 })).message).toMatch(
      /more than 2 redirects.*maxRedirects/,
    );
    expect((await get(`${server.url}/own`)).name).toBe('rows.csv');
    expect((await get(`${server.url}/localhost`, { privateHosts: ['localhost'] })).content.toString()).toBe(
      'secret',
    );
  });

  it('are looked at when the connection is made: a public name that leads inside is refused', async () => {
    await using server = await serving((_, response) => response.end('secret'));
    let lookups = 0;
    const look = ((_host: string, options: { all?: boolean }, answer: (...args: unknown[]) => void) => {
      lookups++;
      const addresses = [{ address: '127.0.0.1', family: 4 }];
      return options.all ? answer(null, addresses) : answer(null, '127.0.0.1', 4);
    }) as never;
    const url = `http://rebinding.example.com:${server.port}/rows.csv`;
    const options = { cacheFolder: folder, limits: limits({}) };
    await expect(httpFiles(url, options, { look })).rejects.toThrow(
      /rebinding\.example\.com is inside.*privateHosts: \[rebinding\.example\.com\]/,
    );
    expect([lookups, server.asked.length]).toEqual([1, 0]);
    const allowed = { ...options, limits: limits({ privateHosts: ['rebinding.example.com'] }) };
    expect((await httpFiles(url, allowed, { look })).files).toHaveLength(1);
  });
});

describe('limits', () => {
  it('end what is too large, announced or not, packed or not', async () => {
    await using server = await serving((request, response) => {
      if (request.url === '/announced.csv') response.writeHead(200, { 'content-length': 5000 });
      if (request.url === '/packed.csv')
        return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5000)));
      return response.end(Buffer.alloc(5000));
    });
    for (const path of ['/announced.csv', '/plain.csv', '/packed.csv']) {
      const error = await refusal(server.url + path, { maxBytes: 1000 });
      expect([error.code, error.message]).toEqual([
        'SOURCE_REFUSED',
        expect.stringMatching(/too large.*1,000 bytes.*download\.maxBytes/),
      ]);
      expect((await get(server.url + path, { maxBytes: 5000 })).content).toHaveLength(5000);
    }
  });

  it('end a body that drips, one that stops, a server that says nothing, and what takes too long', async () => {
    await using server = await serving((request, response) => {
      if (request.url === '/mute') return;
      response.writeHead(200);
      response.write('text,label\n');
      if (request.url === '/stops') return;
      const piece = request.url === '/drips' ? 'x' : 'x'.repeat(10_000);
      const timer = setInterval(() => response.write(piece), 20);
      response.once('close', () => clearInterval(timer));
    });
    const drips = await refusal(`${server.url}/drips`, { stallSeconds: 0.5 });
    expect([drips.code, drips.message]).toEqual([
      'SOURCE_REFUSED',
      expect.stringMatching(/too slow.*stallSeconds/),
    ]);
    for (const path of ['/mute', '/stops']) {
      const error = await refusal(server.url + path, { stallSeconds: 0.5 });
      expect([error.code, error.message]).toEqual(['SOURCE_UNAVAILABLE', expect.stringMatching(/silent/)]);
    }
    const long = await refusal(`${server.url}/long`, { maxSeconds: 0.7 });
    expect([long.code, long.message]).toEqual([
      'SOURCE_REFUSED',
      expect.stringMatching(/too long.*maxSeconds/),
    ]);
    const left = (await readdir(join(folder, 'http'), { recursive: true })).filter((name) =>
      name.includes('.part-'),
    );
    expect(left).toEqual([]);
  });
});

describe('what a server sends', () => {
  const rows = Buffer.from('text,label\na,x\n');
  it('is unpacked once, whatever it says about it', async () => {
    const bodies: Record<string, [string | undefined, Buffer]> = {
      '/plain.csv': [undefined, rows],
      '/packed.csv': ['gzip', gzipSync(rows)],
      '/x-packed.csv': ['x-gzip', gzipSync(rows)],
      '/rows.csv.gz': [undefined, gzipSync(rows)],
      '/said.csv.gz': ['gzip', gzipSync(rows)],
      '/twice.csv.gz': ['gzip', gzipSync(gzipSync(rows))],
      '/identity.csv.gz': ['identity', gzipSync(rows)],
    };
    await using server = await serving((request, response) => {
      const [encoding, body] = bodies[request.url!] ?? [];
      if (encoding) response.setHeader('content-encoding', encoding);
      response.end(body);
    });
    for (const path of Object.keys(bodies)) {
      const { name, content } = await get(server.url + path);
      expect(`/${name}`).toBe(path);
      expect((name.endsWith('.gz') ? gunzipSync(content) : content).toString()).toBe(rows.toString());
    }
  });

  it('that is cut off or packed in an unknown way is no file', async () => {
    await using server = await serving((request, response) => {
      const encoding = request.url === '/cut' ? 'gzip' : 'quantum';
      response.writeHead(200, { 'content-encoding': encoding }).end(gzipSync(rows).subarray(0, -4));
    });
    expect((await refusal(`${server.url}/cut`)).code).toBe('SOURCE_UNAVAILABLE');
    expect((await refusal(`${server.url}/odd`)).message).toMatch(/encoding that is not known: quantum/);
  });

  it('that is no HTTP, or not what it says, is refused and not asked for again', async () => {
    const raw: Record<string, string> = {
      '/ssh': 'SSH-2.0-OpenSSH\r\n',
      '/length': 'HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nabc',
      '/lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef',
      '/headers': `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}\r\n`,
      '/encoded': 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc',
      '/layers': `HTTP/1.1 200 OK\r\ncontent-encoding: ${'gzip,'.repeat(99)}\r\ncontent-length: 3\r\n\r\nabc`,
    };
    await using server = await serving((request, response) => {
      response.socket!.end(raw[request.url!]);
    });
    for (const path of Object.keys(raw)) {
      const { code, message } = await refusal(server.url + path);
      expect([path, code]).toEqual([path, 'SOURCE_REFUSED']);
      expect(message).toMatch(/not HTTP|not encoded as the server says|encoded 99 times/);
    }
  });

  it('may have a name as long as a file system takes, and an encoding', async () => {
    const name = `${'a'.repeat(251)}.csv`;
    await using server = await serving((_, response) => {
      response.setHeader('content-disposition', `attachment; filename=${name}`);
      response.setHeader('content-encoding', 'gzip').end(gzipSync(rows));
    });
    expect(await get(`${server.url}/x`)).toMatchObject({ name, content: rows });
  });

  it('has the name that says its format, and never one outside of its folder', async () => {
    const names: Record<string, string> = {
      '/export?id=1': 'attachment; filename="rows.csv"',
      '/utf8': "attachment; filename=x; filename*=UTF-8''r%C3%A9ponses.jsonl",
      '/evil': 'attachment; filename="../../evil.csv"',
      '/dots': 'attachment; filename=".."',
    };
    await using server = await serving((request, response) => {
      const disposition = names[request.url!];
      if (disposition) response.setHeader('content-disposition', disposition);
      response.end('x');
    });
    expect((await get(`${server.url}/export?id=1`)).name).toBe('rows.csv');
    expect((await get(`${server.url}/utf8`)).name).toBe('réponses.jsonl');
    expect((await get(`${server.url}/a%20b%231.csv`)).name).toBe('a b#1.csv');
    expect((await get(`${server.url}/100%.csv`)).name).toBe('100%.csv');
    expect((await get(`${server.url}/x%2f..%2f..%2fevil.csv`)).name).toBe('x%2f..%2f..%2fevil.csv');
    expect((await get(`${server.url}/dots`)).name).toBe('dots');
    const evil = await refusal(`${server.url}/evil`);
    expect([evil.code, evil.message]).toEqual([
      'SOURCE_REFUSED',
      expect.stringContaining('"../../evil.csv"'),
    ]);
  });

  it('as an error is told without what is secret in the address, and the cache does not name it', async () => {
    await using server = await serving((request, response) => {
      if (request.url!.startsWith('/moved'))
        return response.writeHead(302, { location: 'http://user:hunter2@10.0.0.1/?sig=hunter2' }).end();
      if (request.url!.startsWith('/ok')) return response.end('x');
      return response.writeHead(request.url!.startsWith('/denied') ? 403 : 500, 'no').end();
    });
    const codes = { denied: 'SOURCE_REFUSED', broken: 'SOURCE_UNAVAILABLE', moved: 'SOURCE_REFUSED' };
    for (const [path, code] of Object.entries(codes)) {
      const error = await refusal(`${server.url}/${path}?X-Amz-Signature=hunter2#hunter2`);
      expect([error.code, error.message.includes('hunter2')]).toEqual([code, false]);
      expect(JSON.stringify(error.problems)).not.toContain('hunter2');
    }
    await get(`${server.url}/ok.csv?token=hunter2`);
    const all = await readdir(folder, { recursive: true });
    expect(all.filter((name) => name.includes('hunter2'))).toEqual([]);
  });
});
