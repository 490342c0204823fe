import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { complaint } from './health.js';
import { startServices } from './services.js';

// Nobody else could make a port be taken between its choice and its use: the first choices are replaced.
const { taken, choices } = vi.hoisted(() => ({ taken: { port: 0 }, choices: { left: 0, made: 0 } }));
vi.mock('./ports.js', async (original) => {
  const actual = await original<typeof import('./ports.js')>();
  return {
    ...actual,
    async freePorts(count: number) {
      choices.made++;
      const ports = await actual.freePorts(count);
      return choices.left-- > 0 ? [taken.port, ...ports.slice(1)] : ports;
    },
  };
});

let other: Server;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-ports-'));
  other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  taken.port = (other.address() as AddressInfo).port;
});
afterAll(async () => {
  other.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a port that another program took', () => {
  it('is no hindrance: the servers are started again, with other ports', async () => {
    Object.assign(choices, { left: 2, made: 0 });
    const services = await startServices({ folder, env: {} });
    expect(choices.made).toBe(4);
    expect(services.temporal.address).not.toBe(`127.0.0.1:${taken.port}`);
    expect(services.s3.endpoint).not.toBe(`http://127.0.0.1:${taken.port}`);
    expect(await services.stop()).toBe(true);
    expect(await readFile(join(folder, 'logs', 'temporal.log'), 'utf8')).toContain('address already in use');
  });

  it('is named when it was in vain three times', async () => {
    Object.assign(choices, { left: Infinity, made: 0 });
    await expect(startServices({ folder, env: {} })).rejects.toThrow(
      /the server ended while it started \((temporal|s3): exit status \d+\)[^]*(already in use|not available)/,
    );
    expect(choices.made).toBe(6);
  });
});

describe('the complaint of a log', () => {
  it('is of this start, from the first failure on and not from the end of a long stack', async () => {
    const log = join(folder, 'crash.log');
    const before = 'level=ERROR msg="of yesterday"\n';
    const stack = Array.from({ length: 400 }, (_, i) => `main.f${i}(...)\n\t/home/runner/f.go:${i}`).join(
      '\n',
    );
    const crash = 'level=ERROR msg="bind: address already in use"\npanic: nil pointer\n';
    await writeFile(log, `${before}level=WARN msg=begins\n${crash}${stack}\n`);
    const said = await complaint(log, before.length);
    expect(said).toMatch(/^level=ERROR msg="bind: address already in use"\npanic/);
    expect(said.length).toBeLessThanOrEqual(2_000);
  });

  it('is its end where nothing in it is called a failure, and says so where it is empty', async () => {
    const log = join(folder, 'quiet.log');
    await writeFile(log, `${'x'.repeat(3_000)}\nlast line\n`);
    expect(await complaint(log, 0)).toMatch(/last line$/);
    expect(await complaint(join(folder, 'none.log'), 0)).toBe('(nothing)');
  });
});
