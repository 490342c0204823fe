import { MemoryStore } from '@temper/storage';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noLimits } from '../http/watch.js';
import type { ResolveOptions } from '../source.js';
import { fakeHub } from '../testing/hub.js';
import { makeWheel } from '../testing/wheel.js';
import { locateAdapter } from './adapter.js';

let place: string;
let options: ResolveOptions;
let server: Server;
let served: Record<string, string> = {};
const saved = { ...process.env };
const [config, weights, ours] = ['adapter_config.json', 'adapter_model.safetensors', 'temper.json'];
const both = [config, weights];

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'temper-adapters-'));
  options = { baseFolder: place, cacheFolder: join(place, 'cache') };
});
beforeAll(async () => {
  server = createServer((request, response) => {
    const text = served[decodeURIComponent(request.url!.slice(1))];
    if (text === undefined) response.writeHead(404).end();
    else response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  process.env = { ...saved };
});
afterAll(async () => {
  server.close();
  await rm(place, { recursive: true });
});

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function write(files: Record<string, string>) {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(place, name)), { recursive: true });
    await writeFile(join(place, name), content);
  }
}

/** Names and contents of what is found. */
async function found(uri: string, more: Partial<ResolveOptions> = {}) {
  const { folder, files } = await locateAdapter(uri, { ...options, ...more });
  expect(files.map((file) => dirname(file))).toEqual(files.map(() => folder));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return Object.fromEntries(files.map((file, i) => [basename(file), texts[i]]));
}

const adapter = { [config]: '{}', [weights]: 'weights' };
const below = (folder: string, files: Record<string, string> = adapter) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

describe('an adapter is its two files, from', () => {
  it('a folder, without what else was saved beside them', async () => {
    await write({ ...below('one'), 'one/README.md': '', 'one/optimizer.pt': '', 'one/tokenizer.json': '{}' });
    expect(await found(join(place, 'one'))).toEqual(adapter);
    expect(await found('one')).toEqual(adapter);
    await write({ 'one/temper.json': '{"labelNames":[]}' });
    expect(Object.keys(await found('one'))).toEqual([...both, ours]);
  });

  it('a training’s folder: its own adapter before those of its checkpoints, of which one is to be named', async () => {
    await write({ ...below('out/checkpoint-1'), ...below('out/checkpoint-2') });
    await expect(found('out')).rejects.toThrow(
      /several adapters in it; found checkpoint-1, checkpoint-2.*name one/,
    );
    await write(below('out'));
    expect(await found('out')).toEqual(adapter);
  });

  it('s3://: a prefix, or one of the two', async () => {
    const store = new MemoryStore('bucket');
    for (const [key, text] of Object.entries(below('runs/a b', adapter)))
      await store.put(key, new TextEncoder().encode(text));
    for (const key of ['runs/a b', 'runs/a b/', `runs/a b/${config}`, `runs/a b/${weights}`])
      expect(await found(`s3://bucket/${key}`, { store })).toEqual(adapter);
    await expect(found('s3://bucket/none', { store })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('http(s)://: the address of a folder, or of one of the two, with what is behind its question mark', async () => {
    served = below('x');
    const uris = ['/x', '/x/', `/x/${config}`, `/x/${weights}`].map((path) => address() + path);
    for (const uri of uris) expect(await found(uri)).toEqual(adapter);
    served = below('x', { ...adapter, [weights]: 'newer', [ours]: '{}' });
    expect(await found(uris[0]!)).toEqual({ ...adapter, [weights]: 'newer', [ours]: '{}' });
    served = Object.fromEntries(Object.entries(below('x')).map(([name, text]) => [`${name}?key=1`, text]));
    expect(await found(`${address()}/x?key=1`)).toEqual(adapter);
  });

  it('http(s):// says what is not there, and what an address may be', async () => {
    served = { [`x/${config}`]: '{}' };
    await expect(found(`${address()}/x`)).rejects.toThrow(/x\/adapter_model.safetensors.*404/);
    const absent = found(`${address()}/adapter.zip`);
    await expect(absent).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(absent).rejects.toThrow(
      /adapter.zip\/adapter_config.json.*404.*allowed: the address of a folder/,
    );
  });

  it('hf:ORG/NAME, of which a folder or one of the two may be named', async () => {
    await using hub = await fakeHub({ ...adapter, 'README.md': '', 'training_args.bin': 'x' });
    process.env.HF_ENDPOINT = hub.endpoint;
    expect(await found('hf:org/name')).toEqual(adapter);
    expect(await found(`hf:org/name/${config}@main`)).toEqual(adapter);
    hub.files = { ...below('a'), ...below('b/c') };
    expect(await found('hf:org/other/a')).toEqual(adapter);
    expect(await found('hf:org/other/b/c@main')).toEqual(adapter);
    await expect(found('hf:org/other')).rejects.toThrow(/several adapters in it.*name one: hf:org\/other/);
    hub.files = { 'README.md': '' };
    await expect(found('hf:org/empty')).rejects.toThrow(/no adapter is in it; found README.md/);
  });

  it('any kind, but none that is larger than the spec lets a download be: it is not fetched', async () => {
    const limits = { ...noLimits, maxBytes: 50 };
    const large = { [config]: '{}', [weights]: 'w'.repeat(51) };
    await using hub = await fakeHub(large);
    process.env.HF_ENDPOINT = hub.endpoint;
    const store = new MemoryStore('large');
    for (const [name, text] of Object.entries(large))
      await store.put(`a/${name}`, new TextEncoder().encode(text));
    served = below('large', large);
    for (const uri of ['hf:org/large', 's3://large/a', `${address()}/large`])
      await expect(found(uri, { store, limits }), uri).rejects.toThrow(
        /the file is too large.*download\.maxBytes/,
      );
    expect(hub.downloads).not.toContain(weights);
    expect(await found('hf:org/large')).toEqual(large);
  });

  it('packages', async () => {
    const wheels = join(place, 'wheels');
    const wheel = await makeWheel(wheels, { 'pack/__init__.py': '', ...below('pack/lora') });
    Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels });
    expect(await found(`pypi:${wheel.name}`)).toEqual(adapter);
    const manifest = JSON.stringify({ name: 'x', version: '1.0.0' });
    await write({ 'node_modules/tuned/package.json': manifest, ...below('node_modules/tuned/lora') });
    expect(await found('npm:tuned')).toEqual(adapter);
    expect(await found('npm:tuned/lora')).toEqual(adapter);
  });
});
