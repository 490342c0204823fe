import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { resolveSource } from '../resolve-source.js';
import { makeTarball } from '../testing/archives.js';
import { makeWheel } from '../testing/wheel.js';
import { npmFetch } from './npm.js';
import { pipFetch } from './pip.js';

let folder: string;
const saved = { ...process.env };
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-hostile-'));
});
afterEach(() => {
  process.env = { ...saved };
  process.chdir(tmpdir());
});
afterAll(() => rm(folder, { recursive: true }));

/** A source distribution whose build leaves a mark. */
async function project(name: string): Promise<string> {
  const to = at(name);
  await mkdir(to, { recursive: true });
  const mark = `open(${JSON.stringify(at('RAN'))}, 'w').close()\n`;
  await writeFile(
    join(to, 'setup.py'),
    `${mark}from setuptools import setup\nsetup(name='evil', version='1.0')\n`,
  );
  await writeFile(join(to, 'backend.py'), `${mark}def __getattr__(name): raise SystemExit(1)\n`);
  await writeFile(
    join(to, 'pyproject.toml'),
    '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname="evil"\nversion="1.0"\n',
  );
  return to;
}

describe('what is no name', () => {
  it('calls no tool, wherever it comes from', async () => {
    const tools = at('tools');
    await mkdir(tools);
    for (const name of ['python3', 'python', 'npm', 'pip']) {
      await writeFile(join(tools, name), `#!/bin/sh\ntouch ${at('CALLED')}\n`);
      await chmod(join(tools, name), 0o755);
    }
    process.env.PATH = `${tools}${delimiter}${saved.PATH}`;
    const evil = await project('evil');
    const options = { cacheFolder: at('cache'), baseFolder: folder };
    const packages = [
      evil,
      `file://${evil}`,
      'http://127.0.0.1:9/x.tar.gz',
      `six\n-e ${evil}`,
      '-r FILE',
      '--index-url=x',
      '../evil',
      '.',
    ];
    for (const name of packages) {
      for (const scheme of ['pypi', 'npm', 'hf']) {
        await expect(resolveSource(`${scheme}:${name}`, options)).rejects.toMatchObject({
          code: 'SPEC_INVALID',
        });
      }
      await expect(pipFetch({ package: name, cacheFolder: folder })).rejects.toMatchObject({
        code: 'SPEC_INVALID',
      });
      await expect(npmFetch({ package: name, ...options })).rejects.toMatchObject({ code: 'SPEC_INVALID' });
      for (const fetch of [pipFetch, npmFetch]) {
        const version = { package: 'six', version: name, ...options };
        await expect(fetch(version)).rejects.toMatchObject({ code: 'SPEC_INVALID' });
      }
    }
    expect(existsSync(at('CALLED'))).toBe(false);
    expect(existsSync(at('RAN'))).toBe(false);
  });
});

describe('pip', () => {
  it('builds nothing: source distributions, configuration, environment, and what lies where the user is', async () => {
    const evil = await project('evil-1.0');
    const links = at('links');
    await mkdir(links, { recursive: true });
    makeTarball(join(links, 'evil-1.0.tar.gz'), [
      { name: 'evil-1.0/setup.py', content: await readFile(join(evil, 'setup.py'), 'utf8') },
      { name: 'evil-1.0/PKG-INFO', content: 'Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n' },
    ]);
    const wheel = await makeWheel(links, { 'm/rows.csv': 'text,label\n' });
    await writeFile(at('requirements-evil.txt'), `${evil}\n-e ${evil}\n`);
    await writeFile(
      at('pip.conf'),
      `[global]\nno-binary = :all:\nrequirement = ${at('requirements-evil.txt')}\nconstraint = ${at('none')}\nuser = true\nrequire-virtualenv = true\n[download]\nrequirement = ${at('requirements-evil.txt')}\nno-binary = :all:\n[install]\neditable = ${evil}\n`,
    );
    // `python -m pip` would take these for pip itself.
    const here = at('here');
    await mkdir(join(here, 'pip'), { recursive: true });
    for (const file of ['pip/__main__.py', 'pip/__init__.py', 'runpy.py', 'sitecustomize.py', 'setup.py']) {
      await writeFile(join(here, file), `open(${JSON.stringify(at('RAN'))}, 'w').close()\n`);
    }
    process.chdir(here);
    Object.assign(process.env, {
      ...{ PIP_NO_INDEX: '1', PIP_FIND_LINKS: links, PIP_CONFIG_FILE: at('pip.conf') },
      ...{
        PIP_NO_BINARY: ':all:',
        PIP_EDITABLE: evil,
        PIP_REQUIREMENT: at('requirements-evil.txt'),
        PIP_TARGET: at('other'),
      },
    });
    const fetched = await pipFetch({ package: wheel.name, cacheFolder: at('cache') });
    expect((await readdir(fetched)).sort()).toEqual(['m', 'temper_test_wheel-1.2.3.dist-info']);
    await expect(pipFetch({ package: 'evil', cacheFolder: at('cache') })).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    });
    expect(existsSync(at('RAN'))).toBe(false);
  });

  it('is asked for the newest version again after a day; where it cannot be reached, the last one is used, and this is said', async () => {
    const links = at('newest');
    const wheel = await makeWheel(links, { 'm/rows.csv': 'text,label\n' });
    Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: links });
    const options = { cacheFolder: at('newest-cache'), baseFolder: folder };
    const uri = `pypi:${wheel.name}`;
    const first = await resolveSource(uri, options);
    expect(first.notes).toEqual([]);
    process.env.PIP_FIND_LINKS = at('nothing');
    expect((await resolveSource(uri, options)).notes).toEqual([]);
    const pointer = join(options.cacheFolder, 'pypi', `${wheel.name}-newest.json`);
    const kept = JSON.parse(await readFile(pointer, 'utf8')) as { asked: number };
    await writeFile(pointer, JSON.stringify({ ...kept, asked: Date.now() - 25 * 3600_000 }));
    const stale = await resolveSource(uri, options);
    expect(stale.files).toEqual(first.files);
    expect(stale.notes.join()).toMatch(/could not be asked for.*UTC is used.*pip/);
    process.env.PIP_FIND_LINKS = links;
    expect((await resolveSource(uri, options)).notes).toEqual([]);
    const asked = (JSON.parse(await readFile(pointer, 'utf8')) as { asked: number }).asked;
    expect(Date.now() - asked).toBeLessThan(60_000);
  });
});

describe('npm', () => {
  let registry: Server;
  const versions: Record<string, string> = { '@foo/bar': '1.0.0', 'foo-bar': '1.0.0' };
  beforeAll(async () => {
    registry = createServer((request, response) => {
      const path = decodeURIComponent(request.url!);
      const name = path.replace(/^\//, '').replace(/\/-\/.*/, '');
      const version = versions[name];
      if (!version) return response.writeHead(404).end('{}');
      if (path.endsWith('.tgz')) return response.end(tarballs[`${name}@${version}`]);
      const dist = { tarball: `${process.env.npm_config_registry}${name}/-/x-${version}.tgz` };
      const manifest = { name, version, dist };
      return response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: manifest } }));
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => registry.close());
  const tarballs: Record<string, Buffer> = {};
  const publish = async (name: string, version: string, text: string) => {
    versions[name] = version;
    makeTarball(at('p.tgz'), [
      { name: 'package/package.json', content: JSON.stringify({ name, version }) },
      { name: 'package/rows.csv', content: text },
    ]);
    tarballs[`${name}@${version}`] = await readFile(at('p.tgz'));
  };

  it('keeps packages, versions and tags apart, and asks for a tag again after a day', async () => {
    const address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
    Object.assign(process.env, {
      npm_config_registry: address,
      npm_config_cache: at('npm-cache'),
      npm_config_prefer_online: 'true',
      npm_config_fetch_retries: '0',
    });
    const options = { cacheFolder: at('npm-fetched'), baseFolder: folder };
    await publish('@foo/bar', '1.0.0', 'scoped');
    await publish('foo-bar', '1.0.0', 'plain');
    const read = async (uri: string) => readFile((await resolveSource(uri, options)).files[0]!, 'utf8');
    expect([await read('npm:@foo/bar'), await read('npm:foo-bar')]).toEqual(['scoped', 'plain']);
    expect([await read('npm:@foo/bar@1.0.0'), await read('npm:foo-bar@1.0.0')]).toEqual(['scoped', 'plain']);
    await publish('foo-bar', '2.0.0', 'newer');
    expect(await read('npm:foo-bar')).toBe('plain');
    const pointer = join(options.cacheFolder, 'npm', 'foo-bar@latest.json');
    const age = async () =>
      writeFile(
        pointer,
        JSON.stringify({ ...(JSON.parse(await readFile(pointer, 'utf8')) as object), asked: 0 }),
      );
    await age();
    expect(await read('npm:foo-bar')).toBe('newer');
    expect(await read('npm:foo-bar@1.0.0')).toBe('plain');
    await age();
    process.env.npm_config_registry = 'http://127.0.0.1:9/';
    const offline = await resolveSource('npm:foo-bar', options);
    expect(await readFile(offline.files[0]!, 'utf8')).toBe('newer');
    expect(offline.notes.join()).toMatch(/npm:foo-bar@latest: the newest version could not be asked for/);
    await expect(read('npm:foo-bar@3.0.0')).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });
});
