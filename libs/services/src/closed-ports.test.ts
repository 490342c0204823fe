import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createS3Store } from '@temper/s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverBinary } from './binaries.js';
import { startServices, type Services } from './services.js';
import { readProcesses } from './state.js';

let folder: string;
let services: Services;
/** Listening TCP ports, by the server whose process listens. */
let ports: Readonly<Record<string, readonly string[]>>;

/** proc(5), net/tcp: local address (hexadecimal, little-endian) in field 1, state 0A is LISTEN, inode in field 9. */
function listening(pid: number): string[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return []; // closed meanwhile
    }
  });
  return ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && sockets.includes(fields[9]!))
      .map((fields) => fields[1]!),
  );
}
const portOf = (address: string) => parseInt(address.split(':')[1]!, 16);
const flagOf = async (name: string): Promise<string> => {
  const { servers } = (await readProcesses(folder))!;
  const line = await readFile(`/proc/${servers['s3']!.pid}/cmdline`, 'utf8');
  return new RegExp(`-${name}=(\\d+)\0`).exec(line)![1]!;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-closed-'));
  services = await startServices({ folder, env: {} });
  const store = createS3Store(services.env);
  await store.put('secret', Buffer.from('of this user'));
  store.close();
  const { servers } = (await readProcesses(folder))!;
  const look = () =>
    Object.fromEntries(Object.entries(servers).map(([name, { pid }]) => [name, listening(pid)]));
  // The store answers before the last of its ports listens: each is to be tried.
  ports = look();
  for (let tries = 0; ports['s3']!.length < 10 && tries < 100; tries++) {
    await sleep(100);
    ports = look();
  }
});
afterAll(async () => {
  await services?.stop();
  await rm(folder, { recursive: true, force: true });
});

const paths = [
  ['GET', '/'],
  ['GET', '/status'],
  ['GET', '/metrics'],
  ['GET', '/ui/index.html'],
  ['GET', '/buckets/temper/?pretty=y'],
  ['GET', '/buckets/temper/secret'],
  ['GET', '/temper/secret'],
  ['PUT', '/buckets/temper/foreign'],
  ['PUT', '/temper/foreign'],
  ['POST', '/?Action=CreateUser&UserName=foreign&Version=2010-05-08'],
  ['DELETE', '/buckets/temper/secret'],
  ['DELETE', '/buckets/temper?recursive=true'],
  ['GET', '/dir/assign'],
  ['GET', '/dir/status'],
  ['GET', '/dir/lookup?volumeId=1'],
  ['GET', '/vol/grow?count=1'],
  ['GET', '/col/delete?collection=temper'],
  ['GET', '/1,0100000000'],
  ['PUT', '/1,0100000000'],
  ['DELETE', '/1,0100000000'],
  ['GET', '/api/config'],
] as const;

/** Another user's: without the certificate's key. Returns the status, or the error of the connection. */
const overTls = (port: number, method: string, path: string) =>
  new Promise<string>((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, method, path, rejectUnauthorized: false },
      (response) => {
        response.resume();
        resolve(String(response.statusCode));
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)).end();
  });

/** A gRPC call in plain text, and one over TLS without a certificate; its status code or the error of the connection. */
const overHttp2 = (scheme: string, port: number, path: string) =>
  new Promise<string>((resolve) => {
    const session = connectHttp2(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
    const done = (how: string) => {
      session.destroy();
      resolve(how);
    };
    session.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    session.on('close', () => done('closed'));
    const call = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    call.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    call.on('response', (headers) => done(`status ${headers[':status']} ${headers['grpc-status'] ?? ''}`));
    call.end(Buffer.alloc(5));
  });

describe.skipIf(process.platform !== 'linux')('for another user of the machine', () => {
  it('every port is on loopback', () => {
    const all = Object.values(ports).flat();
    expect(ports['s3']).toHaveLength(10);
    expect(all.filter((address) => !address.startsWith('0100007F:'))).toEqual([]);
  });

  it("every HTTP request to the store's ports is refused", async () => {
    for (const port of ports['s3']!.map(portOf)) {
      for (const [method, path] of paths) {
        const [status, body] = await fetch(`http://127.0.0.1:${port}${path}`, { method }).then(
          async (response) => [response.status, await response.text()] as const,
          () => ['closed', ''] as const,
        );
        // The S3 port says that it lives, in no words.
        const lives = path === '/status' && status === 200 && body === '';
        expect(
          lives || [400, 401, 403, 405, 'closed'].includes(status),
          `${method} ${port}${path}: ${status}`,
        ).toBe(true);
        const tls = await overTls(port, method, path);
        expect(tls, `TLS ${method} ${port}${path}`).not.toMatch(/^\d+$/);
      }
    }
    const store = createS3Store(services.env);
    expect(Buffer.from((await store.get('secret'))!.bytes).toString()).toBe('of this user');
    expect(await store.get('foreign')).toBeUndefined();
    store.close();
  });

  it("every gRPC call to the store's ports is refused", async () => {
    const calls = [
      '/filer_pb.SeaweedFiler/ListEntries',
      '/master_pb.Seaweed/Assign',
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    ];
    for (const port of ports['s3']!.map(portOf)) {
      for (const path of calls) {
        for (const scheme of ['http', 'https']) {
          expect(await overHttp2(scheme, port, path), `${scheme} ${port}${path}`).not.toMatch(/^status/);
        }
      }
    }
  });

  it('weed shell sees nothing without the certificate, and everything with it', async () => {
    const { path } = await serverBinary('seaweedfs');
    const [master, masterGrpc, filer, filerGrpc] = await Promise.all(
      ['master.port', 'master.port.grpc', 'filer.port', 'filer.port.grpc'].map(flagOf),
    );
    const args = [
      'shell',
      `-master=127.0.0.1:${master}.${masterGrpc}`,
      `-filer=127.0.0.1:${filer}.${filerGrpc}`,
    ];
    const shell = async (env: NodeJS.ProcessEnv) => {
      const child = spawn(path, args, {
        env: { PATH: process.env['PATH'], HOME: folder, ...env },
        cwd: folder,
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)));
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin.on('error', () => undefined).end('fs.ls /buckets/temper\nexit\n');
      const limit = setTimeout(() => child.kill('SIGKILL'), 4_000);
      await ended;
      clearTimeout(limit);
      return said;
    };
    const cert = join(folder, 's3-certificate.pem');
    const key = join(folder, 's3-key.pem');
    expect(await shell({})).not.toContain('secret');
    expect(
      await shell({ WEED_GRPC_CA: cert, WEED_GRPC_CLIENT_CERT: cert, WEED_GRPC_CLIENT_KEY: key }),
    ).toContain('secret');
  });

  it('no file of the folder, and no socket, is readable', async () => {
    expect((await stat(folder)).mode & 0o077).toBe(0);
    for (const name of [
      's3-key.pem',
      's3-certificate.pem',
      'credentials.json',
      'services.json',
      'processes.json',
    ]) {
      expect((await stat(join(folder, name))).mode & 0o077, name).toBe(0);
    }
    const { litter = [] } = (await readProcesses(folder))!;
    expect(litter.length).toBeGreaterThan(5);
    for (const socket of litter) expect((await stat(socket)).mode & 0o077, socket).toBe(0);
  });

  it('curl sees what these tests see', async () => {
    const filer = await flagOf('filer.port');
    const { stdout } = await promisify(execFile)('curl', ['-s', `http://127.0.0.1:${filer}/buckets/temper/`]);
    expect(stdout).not.toContain('secret');
  });
});
