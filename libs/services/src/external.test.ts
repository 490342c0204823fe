import { createServer, type Server } from 'node:http';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctor } from './doctor.js';
import { freePorts } from './ports.js';
import { startServices, type Services } from './services.js';
import { testServices } from './testing.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-external-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A real HTTP server that stores objects, and ignores the conditional headers named: as some S3 servers do. */
async function carelessStore(ignored: readonly string[]): Promise<{ endpoint: string } & AsyncDisposable> {
  const objects = new Map<string, { body: Buffer; etag: string }>();
  let writes = 0;
  const server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    const header = (name: string) => (ignored.includes(name) ? undefined : request.headers[name]);
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const key = request.url!.split('?')[0]!;
      const current = objects.get(key);
      const refuse = () => response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
      if (request.method !== 'PUT') return response.writeHead(request.method === 'DELETE' ? 204 : 200).end();
      if (header('if-none-match') && current) return refuse();
      if (header('if-match') && header('if-match') !== current?.etag) return refuse();
      const etag = `"${(++writes).toString(16).padStart(32, '0')}"`;
      objects.set(key, { body: Buffer.concat(pieces), etag });
      return response.writeHead(200, { etag }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve())));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: close,
  };
}

const keys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', S3_REGION: 'eu-central-1' };

describe('an external store', () => {
  it.each([[['if-none-match']], [['if-match']], [['if-none-match', 'if-match']]])(
    'that ignores %s is refused before anything is started',
    async (ignored) => {
      await using store = await carelessStore(ignored);
      const starting = startServices({ folder, env: { S3_ENDPOINT: store.endpoint, ...keys } });
      await expect(starting).rejects.toMatchObject({ code: 'STORE_REFUSED' });
      await expect(starting).rejects.toThrow(
        ignored.includes('if-none-match') ? 'If-None-Match' : 'If-Match',
      );
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('that does not answer is named, with the variable to look at', async () => {
    const [port] = await freePorts(1);
    const starting = startServices({ folder, env: { S3_ENDPOINT: `http://127.0.0.1:${port}`, ...keys } });
    await expect(starting).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(starting).rejects.toThrow(/S3_ENDPOINT/);
    await expect(startServices({ folder, env: { S3_ENDPOINT: 'localhost;9000' } })).rejects.toThrow(
      'not a URL',
    );
  });
});

describe('an external Temporal', () => {
  it('that does not answer is named, with the variable to look at', async () => {
    const [port] = await freePorts(1);
    const env = { TEMPORAL_ADDRESS: `127.0.0.1:${port}` };
    const starting = startServices({ folder, env });
    await expect(starting).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(starting).rejects.toThrow(
      `TEMPORAL_ADDRESS: no Temporal server answers at 127.0.0.1:${port}`,
    );
    expect(
      (await doctor({ folder, env: { ...env, S3_ENDPOINT: 'http://127.0.0.1:1' } })).some((c) => !c.ok),
    ).toBe(true);
  });
});

describe('external services that work', () => {
  let servers: Services;
  beforeAll(async () => {
    servers = await testServices();
  });
  afterAll(() => servers.stop());

  it('are used, checked, and never stopped', async () => {
    const used = await startServices({ folder, env: servers.env });
    expect(used).toMatchObject({
      joined: true,
      temporal: { address: servers.temporal.address, external: true },
      s3: { endpoint: servers.s3.endpoint, external: true },
    });
    expect({ ...servers.env, ...used.env }).toEqual({ ...servers.env, TEMPER_HOME: folder });
    expect(await used.stop()).toBe(false);
    expect(await readdir(folder)).toEqual([]);
    expect((await fetch(servers.temporal.uiUrl!)).status).toBe(200);
  });

  it('need their namespace and their keys', async () => {
    const lost = startServices({ folder, env: { ...servers.env, TEMPORAL_NAMESPACE: 'nowhere' } });
    await expect(lost).rejects.toThrow(/TEMPORAL_NAMESPACE.*temporal operator namespace create/s);
    const denied = startServices({ folder, env: { ...servers.env, S3_SECRET_ACCESS_KEY: 'guessed' } });
    await expect(denied).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});
