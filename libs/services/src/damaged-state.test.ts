import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createS3Store } from '@temper/s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goneWithin, identify, isAlive, signal } from './process-identity.js';
import { startServices, stopServices, type Services } from './services.js';
import { readProcesses } from './state.js';

const env = {};
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'temper-damaged-'))));
afterAll(async () => {
  await stopServices({ folder, env });
  await rm(folder, { recursive: true, force: true });
});
const empty = (name: string) => writeFileSync(join(folder, name), '');
const start = () => startServices({ folder, env });

describe('a file of the state that holds something else', () => {
  let running: Services;

  it('is written anew by a start where nothing runs', async () => {
    await (await start()).stop();
    for (const name of ['services.json', 'processes.json', 'credentials.json']) empty(name);
    running = await start();
    expect(running.joined).toBe(false);
    const store = createS3Store(running.env);
    await store.put('key', Buffer.from('with new keys'));
    store.close();
  });

  it.each(['services.json', 'credentials.json'])('is an error for who would join: %s', async (name) => {
    empty(name);
    await expect(start()).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      problems: [{ path: join(folder, name), hint: expect.stringContaining('temper down') as string }],
    });
    const { servers } = (await readProcesses(folder))!;
    expect(Object.values(servers).every(isAlive)).toBe(true);
    // As `temper down` does; the one who uses them is told.
    expect(await stopServices({ folder, env })).toBe(true);
    await running.ended;
    running = await start();
  });

  it('keeps servers of a killed supervisor from being started twice', async () => {
    const { supervisor, servers } = (await readProcesses(folder))!;
    signal(supervisor, 'SIGKILL');
    expect(await goneWithin([supervisor], 10_000)).toBe(true);
    empty('processes.json');
    await expect(start()).rejects.toMatchObject({ problems: [{ path: join(folder, 'processes.json') }] });
    await expect(stopServices({ folder, env })).rejects.toThrow('processes.json');
    for (const server of Object.values(servers)) signal(server, 'SIGKILL');
    expect(await goneWithin(Object.values(servers), 10_000)).toBe(true);
    await (await start()).stop();
  });

  it('is named at once where it is the lock', async () => {
    empty('lock');
    await expect(start()).rejects.toMatchObject({
      problems: [{ path: join(folder, 'lock'), hint: expect.stringContaining('remove the file') as string }],
    });
    await rm(join(folder, 'lock'));
  });
});

describe('what a killed supervisor left behind', () => {
  it('goes with its sockets outside the folder', async () => {
    const lost = await start();
    const { supervisor, servers, litter = [] } = (await readProcesses(folder))!;
    const all = [supervisor, ...Object.values(servers)];
    for (const one of all) signal(one, 'SIGKILL');
    await lost.ended;
    expect(await goneWithin(all, 10_000)).toBe(true);
    expect(litter.some(existsSync)).toBe(true);
    expect(await stopServices({ folder, env })).toBe(false);
    expect(litter.filter(existsSync)).toEqual([]);
  });
});

describe('a process that has got the number of one that is gone', () => {
  let innocent: ChildProcess;
  beforeAll(() => void (innocent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])));
  afterAll(() => innocent.kill());

  it('is left alone, whichever file names it', async () => {
    const known = identify(innocent.pid!)!;
    const gone = { ...known, startTime: known.startTime.replace(/^\d+/, '1') };
    const write = (name: string, value: object) => writeFileSync(join(folder, name), JSON.stringify(value));
    write('services.json', { version: 1, supervisor: gone, socket: join(folder, 'supervisor.sock') });
    write('processes.json', { supervisor: gone, servers: { s3: gone, temporal: gone } });
    write('lock', gone);
    expect(await stopServices({ folder, env })).toBe(false);
    expect(isAlive(known)).toBe(true);
    write('processes.json', { supervisor: gone, servers: { s3: gone } });
    await (await start()).stop();
    // A number alone may be anybody's.
    write('processes.json', { supervisor: { pid: known.pid }, servers: { s3: { pid: known.pid } } });
    expect(await stopServices({ folder, env })).toBe(false);
    expect(isAlive(known)).toBe(true);
  });
});
