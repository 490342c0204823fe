import { ArtifactStore, MemoryStore } from '@temper/storage';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { locateSource, resolveSource } from './resolve-source.js';
import { nameOfSource, storeSource } from './store-source.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'temper-stored-'));
  await mkdir(join(root, 'client', 'model', 'sub'), { recursive: true });
  await writeFile(join(root, 'client', 'a b.csv'), 'text,label\nx,y\n');
  await writeFile(join(root, 'client', 'two.csv'), 'text,label\nz,y\n');
  await writeFile(join(root, 'client', 'model', 'config.json'), '{}');
  await writeFile(join(root, 'client', 'model', 'model.safetensors'), 'weights');
  await writeFile(join(root, 'client', 'model', 'notes.md'), 'not of the model');
});
afterAll(() => rm(root, { recursive: true }));

const machine = (name: string, store: MemoryStore) => ({
  cacheFolder: join(root, name, 'fetched'),
  baseFolder: join(root, 'client'),
  artifacts: new ArtifactStore(store, { cacheFolder: join(root, name, 'cache') }),
});

it.each([
  ['a b.csv', ['a b.csv']],
  ['*.csv', ['a b.csv', 'two.csv']],
  ['model', ['config.json', 'model.safetensors']],
])('%s is read on another machine as on this one', async (uri, names) => {
  const store = new MemoryStore();
  const here = machine('client', store);
  const stored = await storeSource(uri, await locateSource(uri, here), here.artifacts);
  expect(stored).toMatchObject({ uri: `stored:${stored.digest.slice(7)}/${uri}`, files: names.length });
  expect(nameOfSource(stored.uri)).toBe(uri);
  const there = await resolveSource(stored.uri, machine('worker', store));
  const own = await resolveSource(uri, here);
  expect(there.files.map((file) => file.slice(there.folder.length + 1))).toEqual(names);
  // Results that were made from it here are found there.
  expect(there.digest).toBe(own.digest);
});

it('equal files are sent once, whatever they are called', async () => {
  const store = new MemoryStore();
  const here = machine('client', store);
  const found = await locateSource('two.csv', here);
  const first = await storeSource('two.csv', found, here.artifacts);
  const keys = async () => {
    const all: string[] = [];
    for await (const { key } of store.list('')) all.push(key);
    return all;
  };
  const before = await keys();
  const again = await storeSource('/elsewhere/two.csv', found, here.artifacts);
  expect(again.digest).toBe(first.digest);
  expect(await keys()).toEqual(before);
});

it('what was changed on the reading machine is not taken for it', async () => {
  const store = new MemoryStore();
  const here = machine('client', store);
  const { uri } = await storeSource('two.csv', await locateSource('two.csv', here), here.artifacts);
  const there = machine('worker-2', store);
  const { folder, digest } = await resolveSource(uri, there);
  const [name] = await readdir(folder);
  await rm(join(folder, name!));
  await writeFile(join(folder, name!), 'text,label\nfalse,y\n');
  await chmod(join(folder, name!), 0o600);
  expect((await resolveSource(uri, there)).digest).toBe(digest);
  expect(await readFile(join(folder, name!), 'utf8')).toBe('text,label\nz,y\n');
});

it('tells that it is gone', async () => {
  const uri = `stored:${'0'.repeat(64)}/rows.csv`;
  await expect(locateSource(uri, machine('worker', new MemoryStore()))).rejects.toMatchObject({
    code: 'NOT_FOUND',
    problems: [{ path: 'rows.csv', message: 'the store no longer has what was stored of it' }],
  });
  const artifacts = undefined;
  await expect(locateSource(uri, { ...machine('worker', new MemoryStore()), artifacts })).rejects.toThrow(
    'no store to read it from',
  );
  await expect(locateSource('stored:0/rows.csv', machine('worker', new MemoryStore()))).rejects.toMatchObject(
    {
      code: 'SPEC_INVALID',
    },
  );
});
