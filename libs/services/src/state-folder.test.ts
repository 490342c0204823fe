import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stateFolder } from './state-folder.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'temper-state-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

it('is made for its owner alone, and closed where it was open', async () => {
  const made = join(folder, 'some', 'where');
  await stateFolder(made);
  expect(modeOf(made)).toBe(0o700);
  const open = join(folder, '.temper');
  mkdirSync(join(open, 'notes'), { recursive: true, mode: 0o755 });
  await stateFolder(open);
  expect(modeOf(open)).toBe(0o700);
});

it('may hold state already, whatever its name', async () => {
  const names = ['temporal.db-wal', 's3', 's3-key.pem', 'up.json.12ab', 'lock', 'logs', 'lost+found'];
  const half = join(folder, 'half');
  for (const name of names) mkdirSync(join(half, name), { recursive: true });
  await stateFolder(half);
  const whole = join(folder, 'whole');
  mkdirSync(join(whole, 'notes'), { recursive: true });
  writeFileSync(join(whole, 'credentials.json'), '{}');
  await stateFolder(whole);
});

it('that holds other things is left as it is: it would be closed, hidden from git and filled', async () => {
  const project = join(folder, 'project');
  mkdirSync(join(project, 'src'), { recursive: true });
  chmodSync(project, 0o755);
  await expect(stateFolder(project)).rejects.toMatchObject({
    code: 'SPEC_INVALID',
    problems: [{ path: project, found: 'a folder of other things (src)', hint: `--home ${project}/.temper` }],
  });
  expect([modeOf(project), readdirSync(project)]).toEqual([0o755, ['src']]);
});

it('that cannot be one is told in words', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const link = join(folder, 'link');
  symlinkSync(join(folder, 'nowhere'), link);
  for (const [path, found] of [
    [file, 'a file, or below one'],
    [join(file, 'x'), 'a file, or below one'],
    [link, 'a link to nothing'],
    [join(folder, 'x'.repeat(300)), expect.stringContaining('name too long')],
  ] as const)
    await expect(stateFolder(path), path).rejects.toMatchObject({
      code: 'SPEC_INVALID',
      problems: [{ found }],
    });
  expect(existsSync(join(folder, 'nowhere'))).toBe(false);
});
