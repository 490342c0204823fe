import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPrivateJson, UnreadableState, writePrivateJson } from './private-file.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-file-'));
  path = join(folder, 'state.json');
});
afterEach(() => rm(folder, { recursive: true }));

interface State {
  readonly n: number;
}
const read = () => readPrivateJson<State>(path, ({ n }) => typeof n === 'number', 'remove it');

describe('a file of the state', () => {
  it('is whole whenever another process reads it, for its owner only, and leaves no drafts', async () => {
    const module = fileURLToPath(new URL('../dist/private-file.js', import.meta.url));
    const program = `
      const { writePrivateJson } = await import(${JSON.stringify(module)});
      const end = Date.now() + 1_500;
      for (let n = 0; Date.now() < end; n++) writePrivateJson(${JSON.stringify(path)}, { n, long: 'x'.repeat(20_000) });`;
    const writer = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    let running = true;
    const ended = once(writer, 'exit').then(() => (running = false));
    let seen = 0;
    while (running) if (await read()) seen++;
    await ended;
    expect(writer.exitCode).toBe(0);
    expect(seen).toBeGreaterThan(10);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['state.json']);
  });

  it('is not there, or is an error that says which file, what is in it and what to do', async () => {
    expect(await read()).toBeUndefined();
    const foreign: [string, string][] = [
      ['', 'an empty file'],
      ['{"n":', '5 characters of something else'],
      ['null', '4 characters of something else'],
      ['[]', '2 characters of something else'],
      ['{"n":"1"}', '9 characters of something else'],
    ];
    for (const [text, found] of foreign) {
      await writeFile(path, text);
      await expect(read()).rejects.toMatchObject({ problems: [{ path, found, hint: 'remove it' }] });
    }
    await rm(path);
    await expect(readPrivateJson(folder, () => true, 'remove it')).rejects.toThrow(UnreadableState);
    writePrivateJson(path, { n: 1 });
    expect(await read()).toEqual({ n: 1 });
  });
});
