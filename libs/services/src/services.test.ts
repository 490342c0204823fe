import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { searchAttributes } from '@temper/contracts';
import { createS3Store, type S3Store } from '@temper/s3';
import { objectStoreContract } from '@temper/storage/object-store.contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctor } from './doctor.js';
import { goneWithin, isAlive, signal, type ProcessIdentity } from './process-identity.js';
import { runningServices, startServices, stopServices, type Services } from './services.js';
import { readProcesses } from './state.js';
import { vacuumStore } from './vacuum.js';

const env = {};
const user = fileURLToPath(new URL('../dist/testing-user.js', import.meta.url));
let folder: string;
let services: Services;
let store: S3Store;

const identities = async (): Promise<ProcessIdentity[]> => {
  const { supervisor, servers } = (await readProcesses(folder))!;
  return [supervisor, ...Object.values(servers)];
};

/** Another process that starts or joins the services of the folder, and holds them until it is ended. */
async function anotherProcess(): Promise<{ child: ChildProcess; joined: boolean }> {
  const child = spawn(process.execPath, [user, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout!.setEncoding('utf8');
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`exit status ${code}`)));
  const [line] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [string];
  ended.catch(() => undefined);
  return { child, joined: (JSON.parse(line) as { joined: boolean }).joined };
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-services-'));
  services = await startServices({ folder, env });
  store = createS3Store(services.env);
});
afterAll(async () => {
  store?.close();
  await stopServices({ folder, env });
  await rm(folder, { recursive: true, force: true });
});

objectStoreContract('SeaweedFS', () => store, { describe, it });

describe('the embedded services', () => {
  it('keep keys and data from other users of the machine', async () => {
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'credentials.json'))).mode & 0o777).toBe(0o600);
    const wrong = createS3Store({ ...services.env, S3_SECRET_ACCESS_KEY: 'guessed' });
    await expect(wrong.get('anything')).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    const anonymous = await fetch(`${services.s3.endpoint}/temper?list-type=2`);
    expect(anonymous.status).toBe(403);
    wrong.close();
  });

  it('have the search attributes, and keep finished runs for a month', async () => {
    const connection = await Connection.connect({ address: services.temporal.address });
    const { namespace } = services.temporal;
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    for (const name of searchAttributes) expect(customAttributes[name]).toBe(2);
    const described = await connection.workflowService.describeNamespace({ namespace });
    expect(Number(described.config!.workflowExecutionRetentionTtl!.seconds)).toBe(30 * 86400);
    await connection.close();
    expect((await fetch(services.temporal.uiUrl!)).status).toBe(200);
  });

  it('give the space of objects back that were deleted just now', async () => {
    const volumes = async () => {
      const names = (await readdir(join(folder, 's3'))).filter((name) => name.endsWith('.dat'));
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, 's3', name))).size));
      return sizes.reduce((a, b) => a + b, 0);
    };
    const live = await volumes();
    const keys = Array.from({ length: 12 }, (_, n) => `blobs/of-vacuum/${n}`);
    for (const key of keys) await store.put(key, randomBytes(8e6));
    expect(await volumes()).toBeGreaterThan(live + 80e6);
    for (const key of keys) await store.delete(key);
    expect(await vacuumStore(folder, { live })).toBe(true);
    expect(await volumes()).toBeLessThan(1.02 * live + 4e6);
  });

  it('are joined by a second start, which does not stop them', async () => {
    const second = await startServices({ folder, env });
    expect(second.joined).toBe(true);
    expect(second.env).toEqual(services.env);
    expect(await second.stop()).toBe(false);
    expect((await runningServices({ folder, env }))?.temporal.address).toBe(services.temporal.address);
    await store.put('after-join', Buffer.from('x'));
  });

  it('come back by themselves, with their data, after one of them is killed', async () => {
    await store.put('kept', Buffer.from('through a kill'));
    const connection = await Connection.connect({ address: services.temporal.address });
    const client = new Client({ connection });
    const handle = await client.workflow.start('sleeper', { taskQueue: 'nobody', workflowId: 'kept' });
    const before = (await readProcesses(folder))!.servers;
    for (const server of Object.values(before)) signal(server, 'SIGKILL');
    expect(await goneWithin(Object.values(before), 5_000)).toBe(true);
    await expect
      .poll(() => store.get('kept').then((o) => Buffer.from(o!.bytes).toString()), {
        timeout: 20_000,
      })
      .toBe('through a kill');
    await expect
      .poll(() => handle.describe().then((d) => d.status.name), { timeout: 20_000 })
      .toBe('RUNNING');
    const after = (await readProcesses(folder))!.servers;
    expect(Object.keys(after).sort()).toEqual(['s3', 'temporal']);
    expect(Object.values(after).every(isAlive)).toBe(true);
    await handle.terminate();
    await connection.close();
  });

  it('are found healthy by doctor, each check with its evidence', async () => {
    const checks = await doctor({ folder, env });
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(checks.map((check) => check.name)).toEqual(
      expect.arrayContaining(['Node', 'temporal server', `S3 at ${services.s3.endpoint}`]),
    );
  });

  it('outlive the process that started them while another one uses them, and end with that one', async () => {
    const { child, joined } = await anotherProcess();
    expect(joined).toBe(true);
    const running = await identities();
    expect(await services.stop()).toBe(false);
    await store.put('still-there', Buffer.from('x'));
    await killed(child);
    expect(await goneWithin(running, 15_000)).toBe(true);
    expect(await runningServices({ folder, env })).toBeUndefined();
  });
});

describe('services of other processes', () => {
  it('end when their only user is killed with SIGKILL, and start again with their data', async () => {
    const first = await anotherProcess();
    expect(first.joined).toBe(false);
    const running = await identities();
    expect(running).toHaveLength(3);
    await killed(first.child);
    expect(await goneWithin(running, 15_000)).toBe(true);

    const began = Date.now();
    const again = await startServices({ folder, env });
    const reopened = createS3Store(again.env);
    expect(Buffer.from((await reopened.get('kept'))!.bytes).toString()).toBe('through a kill');
    await reopened.put('writable', Buffer.from('x'));
    reopened.close();
    expect(Date.now() - began).toBeLessThan(30_000);
    const stopping = Date.now();
    expect(await again.stop()).toBe(true);
    expect(Date.now() - stopping).toBeLessThan(5_000);
  });

  it('are started once by several processes at the same time', async () => {
    const processes = await Promise.all([anotherProcess(), anotherProcess(), anotherProcess()]);
    expect(processes.map((p) => p.joined).sort()).toEqual([false, true, true]);
    const running = await identities();
    expect(await stopServices({ folder, env })).toBe(true);
    expect(running.some(isAlive)).toBe(false);
    expect(await stopServices({ folder, env })).toBe(false);
    await Promise.all(processes.map((p) => killed(p.child)));
  });

  it('go on without a user when they are detached, until they are stopped', async () => {
    const detached = await startServices({ folder, env });
    detached.detach();
    expect(await detached.stop()).toBe(false);
    expect((await runningServices({ folder, env }))?.env).toEqual(detached.env);
    expect(await stopServices({ folder, env })).toBe(true);
    expect(await runningServices({ folder, env })).toBeUndefined();
  });

  it('are cleared away when even their supervisor was killed', async () => {
    const lost = await startServices({ folder, env });
    const [supervisor, ...servers] = await identities();
    signal(supervisor!, 'SIGKILL');
    expect(await goneWithin([supervisor!], 2_000)).toBe(true);
    expect(servers.every(isAlive)).toBe(true);
    const next = await startServices({ folder, env });
    expect(next.joined).toBe(false);
    expect(servers.some(isAlive)).toBe(false);
    expect(next.temporal.address).not.toBe(lost.temporal.address);

    // All at once, and a start while they are still dying: it must not join them.
    for (const process of await identities()) signal(process, 'SIGKILL');
    const last = await startServices({ folder, env });
    expect(last.joined).toBe(false);
    expect((await fetch(last.temporal.uiUrl!)).status).toBe(200);
    await last.stop();
  });

  it('say what the server said when it does not start', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'temper-broken-'));
    await writeFile(
      join(broken, 'temporal.db'),
      'this is not a database, and long enough to be read as one'.repeat(50),
    );
    const starting = startServices({ folder: broken, env });
    await expect(starting).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(starting).rejects.toThrow(/file is not a database/);
    expect(await readProcesses(broken)).toBeUndefined();
    expect(await readFile(join(broken, 'logs', 'temporal.log'), 'utf8')).toContain('not a database');
    await rm(broken, { recursive: true });
  });
});
