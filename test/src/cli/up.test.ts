import { spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '@temper/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemper, temper } from './temper.js';

let folder: string;
let home: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-up-'));
  home = join(folder, '.temper');
});
afterAll(async () => {
  await temper(folder, 'down');
  await rm(folder, { recursive: true, force: true });
});

interface Up extends ProcessIdentity {
  readonly temporal: string;
  readonly uiUrl: string;
}
const up = async (...flags: string[]) => {
  const ended = await temper(folder, 'up', '--detach', '--no-worker', '--json', ...flags);
  expect(ended.code, ended.stderr).toBe(0);
  return JSON.parse(ended.stdout) as Up;
};
const upFile = () => join(home, 'up.json');
const gone = async (one: ProcessIdentity) => expect.poll(() => isAlive(one), { timeout: 20_000 }).toBe(false);

describe('temper up and down', () => {
  it('down in a folder where nothing is makes nothing, and says where it looked', async () => {
    const { code, stdout } = await temper(folder, 'down');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `nothing was running\nlooked for .temper in ${folder} and the folders above it; --home FOLDER or TEMPER_HOME names another\n`,
    });
    expect(existsSync(home)).toBe(false);
  });

  it('comes up in the background whatever becomes of its file meanwhile', async () => {
    await mkdir(home);
    writeFileSync(upFile(), '');
    const emptying = setInterval(() => writeFileSync(upFile(), ''), 20);
    const state = await up().finally(() => clearInterval(emptying));
    expect(isAlive(state)).toBe(true);
    writeFileSync(upFile(), '');
    const again = await temper(folder, 'up', '--detach');
    expect(again.code).not.toBe(0);
    expect(again.stderr).toContain(`${upFile()}: cannot be read`);
    expect(again.stderr).toContain('temper down');
    expect((await temper(folder, 'down', '--json')).stdout).toBe('{"stopped":true}\n');
    await gone(state);
    expect(readdirSync(home)).not.toContain('up.json');
  });

  it('takes the port of the UI that is asked for, and no other one is given for it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const taken = await temper(folder, 'up', '--ui-port', String(port));
    expect([taken.code, taken.stderr]).toEqual([
      2,
      expect.stringContaining('another program listens') as string,
    ]);
    other.close();
    await once(other, 'close');
    const state = await up('--ui-port', String(port));
    expect(state.uiUrl).toBe(`http://127.0.0.1:${port}`);
    expect((await fetch(state.uiUrl)).status).toBe(200);
    const elsewhere = await temper(folder, 'up', '--detach', '--ui-port', '1024');
    expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining(state.uiUrl) as string]);
  });

  it('is found from a folder below, and from another one by name', async () => {
    const state = JSON.parse(await readFile(upFile(), 'utf8')) as Up;
    const below = join(folder, 'data', 'raw');
    await mkdir(below, { recursive: true });
    expect(JSON.parse((await temper(below, 'up', '--detach', '--json')).stdout)).toEqual(state);
    expect(readdirSync(below)).toEqual([]);
    const another = await mkdtemp(join(tmpdir(), 'temper-elsewhere-'));
    const worker = await temper(another, 'worker');
    expect(worker.stderr).toContain(
      `looked for .temper in ${another} and the folders above it; --home FOLDER`,
    );
    for (const [args, env] of [
      [['--home', home], {}],
      // The folder one works in, as people name it.
      [['--home', folder], {}],
      [[], { TEMPER_HOME: home }],
    ] as const) {
      const named = await startTemper(another, ['up', '--detach', '--json', ...args], env).ended;
      expect(JSON.parse(named.stdout)).toEqual(state);
    }
    expect(readdirSync(another)).toEqual([]);
    writeFileSync(join(another, 'thesis.md'), '');
    for (const args of [['up', '--detach'], ['up'], ['runs', 'list']]) {
      const refused = await temper(another, ...args, '--home', '.');
      expect([refused.code, refused.stderr]).toEqual([
        2,
        expect.stringContaining('a folder of other things (thesis.md)') as string,
      ]);
    }
    expect(readdirSync(another)).toEqual(['thesis.md']);
    await rm(another, { recursive: true });
  });

  it.each([
    [['runs', 'show', ''], 'no such run'],
    [['runs', 'cancel', 'x'.repeat(1500)], 'no such run'],
    [['sweep', 'show', ''], 'no such sweep'],
    [['schedule', 'show', ''], 'no such schedule'],
    [['schedule', 'backfill', 'none', '--from', '2026-01-01', '--to', '2026-01-02'], 'no such schedule'],
    [
      ['schedule', 'backfill', 'none', '--from', '2026-01-01', '--to', '2026-01-02', '--max-starts', 'ten'],
      'ten',
    ],
    [['predict', 'mail@..', 'text'], 'no model mail'],
    [['models', 'show', 'mail@'], 'no model mail'],
  ])('names that are none are a mistake in use (%#)', async (args, words) => {
    const { code, stderr } = await temper(folder, ...args);
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });

  it('a list that was narrowed does not say that there is nothing at all', async () => {
    const list = async (...args: string[]) => (await temper(folder, 'runs', 'list', ...args)).stdout;
    expect(await list()).toContain('no runs yet');
    expect(await list('--since', '2d ago')).toBe('no such runs\n');
    expect(await list('--offset', '3')).toBe('no such runs\n');
  });

  it('down leaves a process alone that has got the number of a killed temper up', async () => {
    const state = JSON.parse(await readFile(upFile(), 'utf8')) as Up;
    process.kill(state.pid, 'SIGKILL');
    await gone(state);
    const innocent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const known = identify(innocent.pid!)!;
    for (const named of [{ pid: known.pid }, { ...state, pid: known.pid }]) {
      writeFileSync(upFile(), JSON.stringify(named));
      expect((await temper(folder, 'down')).code).toBe(0);
      expect(isAlive(known)).toBe(true);
    }
    innocent.kill();
  });
});
