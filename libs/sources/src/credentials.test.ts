import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadSchema } from '@temper/contracts';
import { MemoryStore } from '@temper/storage';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { credentialFor } from './credentials.js';
import { locateSource } from './resolve-source.js';

const limits = (credentials: Record<string, string>) => downloadSchema.parse({ credentials });

describe('a credential', () => {
  const env = {
    TEMPER_CREDENTIAL_LAKE_ACCESS_KEY_ID: 'k',
    TEMPER_CREDENTIAL_ALL_TOKEN: 't',
    TEMPER_CREDENTIAL_PORTAL_TOKEN: 'p',
    TEMPER_CREDENTIAL_PORTAL_FOR: 'https://data.example/ hf:acme',
  };
  it('is that of the longest beginning', () => {
    const named = limits({ 's3://lake': 'LAKE', 'hf:': 'ALL', 'hf:acme/': 'PORTAL' });
    expect(credentialFor('s3://lake/rows.csv', named, env)?.name).toBe('LAKE');
    expect(credentialFor('s3://lake-of-others/rows.csv', named, env)).toBeUndefined();
    expect(credentialFor('hf:other/model', named, env)).toEqual({ name: 'ALL', token: 't' });
    expect(credentialFor('hf:acme/model', named, env)).toEqual({ name: 'PORTAL', token: 'p' });
    expect(credentialFor('rows.csv', named, env)).toBeUndefined();
  });

  it('goes only where whoever runs the worker says', () => {
    const to = (uri: string, name: string) => () => credentialFor(uri, limits({ [uri]: name }), env);
    expect(to('https://data.example/rows.csv', 'PORTAL')()?.token).toBe('p');
    expect(to('https://elsewhere.example/rows.csv', 'PORTAL')).toThrow(
      /not given it for this source.*_PORTAL_FOR/,
    );
    expect(to('https://data.example.evil/rows.csv', 'PORTAL')).toThrow(/not given it/);
    expect(to('https://anywhere.example/', 'ALL')).toThrow(/_ALL_FOR lists/);
    expect(to('s3://lake', 'ABSENT')).toThrow(
      /has no credential of that name.*TEMPER_CREDENTIAL_ABSENT_TOKEN/,
    );
  });

  it('is a name in the spec, never the secret, which is not repeated', () => {
    for (const secret of ['hf_abcdefghijklmnop', 'AKIAIOSFODNN7EXAMPLE', 'Bearer x']) {
      const { error } = downloadSchema.safeParse({ credentials: { 'hf:': secret } });
      expect(error?.issues[0]?.message).toMatch(/a name .* never the secret/);
    }
  });
});

describe('a source with a credential', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('of an address gets its token, and a redirect to another does not', async () => {
    const asked: (string | undefined)[] = [];
    const serve = async (answer: (headers: IncomingHttpHeaders) => { status: number; location?: string }) => {
      const server = createServer(({ headers }, response) => {
        asked.push(headers.authorization);
        const { status, location } = answer(headers);
        response.writeHead(status, location ? { location } : { 'content-type': 'text/csv' });
        response.end('text,label\na,b\n');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    };
    const last = await serve(() => ({ status: 200 }));
    const first = await serve(({ authorization }) =>
      authorization === 'Bearer secret' ? { status: 302, location: `${last.url}/rows.csv` } : { status: 401 },
    );
    const cacheFolder = await mkdtemp(join(tmpdir(), 'temper-credential-'));
    vi.stubEnv('TEMPER_CREDENTIAL_PORTAL_TOKEN', 'secret');
    vi.stubEnv('TEMPER_CREDENTIAL_PORTAL_FOR', first.url);
    const options = { cacheFolder, baseFolder: '.' };
    const address = `${first.url}/rows.csv`;
    await expect(locateSource(address, { ...options, limits: limits({}) })).rejects.toThrow(/401/);
    const found = await locateSource(address, { ...options, limits: limits({ [first.url]: 'PORTAL' }) });
    expect(await readFile(found.files[0]!, 'utf8')).toContain('a,b');
    expect(asked).toEqual([undefined, 'Bearer secret', undefined]);
    for (const { server } of [first, last]) server.close();
    await rm(cacheFolder, { recursive: true });
  });

  it('of a bucket is read by the store of that name', async () => {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'temper-credential-'));
    vi.stubEnv('TEMPER_CREDENTIAL_LAKE_ACCESS_KEY_ID', 'k');
    const asked: (string | undefined)[] = [];
    const lake = new MemoryStore('lake');
    await lake.put('rows.csv', Buffer.from('text,label\na,b\n'));
    const store = (_: string, credential?: string) => (asked.push(credential), lake);
    const options = { cacheFolder, baseFolder: '.', store, limits: limits({ 's3://lake': 'LAKE' }) };
    expect((await locateSource('s3://lake/rows.csv', options)).files).toHaveLength(1);
    expect(asked).toEqual(['LAKE']);
    await rm(cacheFolder, { recursive: true });
  });
});
