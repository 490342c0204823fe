import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArtifactStore } from './artifact-store.js';
import { digestOfBytes } from './digest.js';
import { blobKey, manifestKey } from './keys.js';
import { FaultyStore } from './testing/faulty-store.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const text = (value: string) => new TextEncoder().encode(value);
const meta = { format: 'directory', source: './m' } as const;
const cachedAt = (folder: string, content: string) => join(folder, 'cache', blobKey(digestOfBytes(content)));

/** A store, and an artifact of one local file and one given as bytes. */
async function setUp(folder: string) {
  const store = new FaultyStore();
  const artifacts = new ArtifactStore(store, { cacheFolder: join(folder, 'cache') });
  await writeFile(join(folder, 'weights'), 'the weights');
  const files = { 'model/weights': join(folder, 'weights'), 'config.json': text('{}') };
  const ref = await artifacts.putArtifact('base-model', files, meta);
  return { store, artifacts, files, ref };
}

describe('artifacts', () => {
  it('come back as they were put, file by file', async () => {
    await using folder = await temporaryFolder();
    const { artifacts, ref } = await setUp(folder.path);
    expect(ref.uri).toBe(`s3://temper/${manifestKey(ref.digest)}`);
    expect((await artifacts.manifest(ref)).files.map((f) => [f.path, f.bytes])).toEqual([
      ['config.json', 2],
      ['model/weights', 11],
    ]);
    await artifacts.materialize(ref, join(folder.path, 'out'));
    expect(await readFile(join(folder.path, 'out/model/weights'), 'utf8')).toBe('the weights');
    expect(await artifacts.readJson(ref, 'config.json')).toEqual({});
    await artifacts.materialize(ref, join(folder.path, 'part'), ['config.json']);
    expect(await readdir(join(folder.path, 'part'))).toEqual(['config.json']);
  });

  it('have the same reference for the same content, and store it once', async () => {
    await using folder = await temporaryFolder();
    const { store, artifacts, files, ref } = await setUp(folder.path);
    const content = () => store.written.filter((key) => !key.startsWith('gc/'));
    const before = content();
    const reversed = Object.fromEntries(Object.entries(files).reverse());
    expect(await artifacts.putArtifact('base-model', reversed, meta)).toEqual(ref);
    expect(content()).toEqual(before);
    const other = await artifacts.putArtifact('base-model', files, { ...meta, source: './n' });
    expect(other.digest).not.toBe(ref.digest);
  });

  it('write the manifest after every blob it names', async () => {
    await using folder = await temporaryFolder();
    const { store, ref } = await setUp(folder.path);
    expect(store.written.at(-1)).toBe(manifestKey(ref.digest));
    expect(store.written.filter((key) => key.startsWith('blobs/'))).toHaveLength(2);
  });

  it('are stored although the answer of every write is lost', async () => {
    await using folder = await temporaryFolder();
    const store = new FaultyStore();
    store.loseAnswers = 3;
    const artifacts = new ArtifactStore(store, { cacheFolder: join(folder.path, 'cache') });
    const ref = await artifacts.putArtifact('report', { a: text('a'), b: text('b') }, {});
    expect(await artifacts.readFile(ref, 'b')).toEqual(Buffer.from('b'));
  });

  it('are uploaded as they were when they were hashed, where the cache has a copy', async () => {
    await using folder = await temporaryFolder();
    const { store, artifacts } = await setUp(folder.path);
    const file = join(folder.path, 'changing');
    await writeFile(file, 'before');
    store.onHead = () => writeFile(file, 'after!');
    const ref = await artifacts.putArtifact('base-model', { file }, meta);
    expect(Buffer.from(await artifacts.readFile(ref, 'file')).toString()).toBe('before');
    expect(await readFile(cachedAt(folder.path, 'before'), 'utf8')).toBe('before');
  });

  it('may be stored by two at once, of whom one is done first', async () => {
    await using folder = await temporaryFolder();
    const { store } = await setUp(folder.path);
    const put = store.put.bind(store);
    const waiting: (() => void)[] = [];
    store.put = async (key, body, condition) => {
      // Both have seen that it is not there.
      if (key.startsWith('blobs/')) await new Promise<void>((go) => waiting.push(go));
      return put(key, body, condition);
    };
    await writeFile(join(folder.path, 'rows.csv'), 'rows');
    const upload = () =>
      new ArtifactStore(store, { cacheFolder: join(folder.path, 'cache') }).putArtifact(
        'source',
        { 'rows.csv': join(folder.path, 'rows.csv') },
        {},
      );
    const both = [upload(), upload()];
    while (waiting.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    waiting[0]!();
    await Promise.race(both);
    waiting[1]!();
    const [one, other] = await Promise.all(both);
    expect(one).toEqual(other);
    expect(await readdir(join(folder.path, 'cache', 'blobs'))).toEqual(['sha256']);
  });

  it.each(['after!', 'longer than before', 'less', ''])(
    'are refused where the file changed meanwhile, and there is no copy: %j',
    async (later) => {
      await using folder = await temporaryFolder();
      const { store, artifacts } = await setUp(folder.path);
      const file = join(folder.path, 'changing');
      await writeFile(file, 'before');
      store.onHead = () => writeFile(file, later);
      const put = artifacts.putArtifact('checkpoint', { file }, {} as never);
      await expect(put).rejects.toMatchObject({ code: 'DATA_INVALID' });
      await expect(put).rejects.toThrow(/changing: the file changed while it was stored/);
      expect(await store.get(blobKey(digestOfBytes('before')))).toBeUndefined();
      store.onHead = () => rm(file);
      await expect(artifacts.putBlob(file)).rejects.toThrow(/found no file/);
    },
  );

  it('go up from where they lie, where all files together are more than the cache may hold', async () => {
    await using folder = await temporaryFolder();
    const { store, files } = await setUp(folder.path);
    const cacheFolder = join(folder.path, 'small');
    const artifacts = new ArtifactStore(store, { cacheFolder, maxCacheBytes: 10 });
    const ref = await artifacts.putArtifact('base-model', files, { ...meta, source: './n' });
    expect(await readdir(cacheFolder).catch(() => [])).toEqual([]);
    await artifacts.materialize(ref, join(folder.path, 'out'));
    expect(await readFile(join(folder.path, 'out/model/weights'), 'utf8')).toBe('the weights');
  });

  it('refuse paths that lead out of a folder, when written and when read', async () => {
    await using folder = await temporaryFolder();
    const { store, artifacts } = await setUp(folder.path);
    for (const path of ['../x', '/etc/x', 'a//b', 'a/./b', 'a\\..\\b', '']) {
      await expect(artifacts.putArtifact('report', { [path]: text('x') }, {})).rejects.toMatchObject({
        code: 'DATA_INVALID',
      });
    }
    const digest = digestOfBytes('{}');
    const manifest = `{"files":[{"bytes":2,"digest":"${digest}","path":"../../evil"}],"kind":"report","meta":{},"version":1}`;
    await store.put(manifestKey(digestOfBytes(manifest)), text(manifest));
    const evil = artifacts.ref('report', digestOfBytes(manifest));
    await expect(artifacts.materialize(evil, join(folder.path, 'out'))).rejects.toThrow('not a path');
  });

  it('say what is wrong with a reference', async () => {
    await using folder = await temporaryFolder();
    const { artifacts, ref } = await setUp(folder.path);
    const none = artifacts.ref('model', digestOfBytes('none'));
    await expect(artifacts.manifest(none)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await artifacts.has(none)).toBe(false);
    expect(await artifacts.has(ref)).toBe(true);
    await expect(artifacts.manifest({ ...ref, kind: 'tokens' })).rejects.toThrow(
      'found base-model; allowed: tokens',
    );
    await expect(artifacts.readFile(ref, 'confg.json')).rejects.toThrow(
      'allowed: config.json, model/weights',
    );
  });
});

describe('the cache of blobs', () => {
  it('downloads a blob once for several readers, and never what was stored from here', async () => {
    await using folder = await temporaryFolder();
    const { store, artifacts, ref } = await setUp(folder.path);
    await artifacts.materialize(ref, join(folder.path, 'out'), ['model/weights']);
    expect(store.downloads).toBe(0);
    const elsewhere = new ArtifactStore(store, { cacheFolder: join(folder.path, 'elsewhere') });
    const targets = ['a', 'b', 'c'].map((name) => join(folder.path, name));
    await Promise.all(targets.map((target) => elsewhere.materialize(ref, target)));
    expect(store.downloads).toBe(2);
    for (const target of targets) expect(await readFile(join(target, 'config.json'), 'utf8')).toBe('{}');
  });

  it('hands out read-only hard links, and replaces what was there', async () => {
    await using folder = await temporaryFolder();
    const { artifacts, ref } = await setUp(folder.path);
    const target = join(folder.path, 'out/model/weights');
    await mkdir(join(folder.path, 'out/model'), { recursive: true });
    await writeFile(target, 'something older');
    for (let again = 0; again < 2; again++) await artifacts.materialize(ref, join(folder.path, 'out'));
    const [cached, given] = await Promise.all([stat(cachedAt(folder.path, 'the weights')), stat(target)]);
    expect(given.ino).toBe(cached.ino);
    expect(given.mode & 0o777).toBe(0o444);
    expect(await readdir(join(folder.path, 'out/model'))).toEqual(['weights']);
  });

  it('notices a changed blob and fetches it again', async () => {
    await using folder = await temporaryFolder();
    const { store, artifacts, ref } = await setUp(folder.path);
    const cached = cachedAt(folder.path, 'the weights');
    await chmod(cached, 0o644);
    await writeFile(cached, 'THE weights');
    expect(Buffer.from(await artifacts.readFile(ref, 'model/weights')).toString()).toBe('the weights');
    expect(store.downloads).toBe(1);
  });

  it('never lets a damaged download through, and gets over a passing one', async () => {
    await using folder = await temporaryFolder();
    const { store, ref } = await setUp(folder.path);
    const cacheFolder = join(folder.path, 'elsewhere');
    const elsewhere = new ArtifactStore(store, { cacheFolder });
    store.corruptReads = 1;
    expect(Buffer.from(await elsewhere.readFile(ref, 'model/weights')).toString()).toBe('the weights');
    store.corruptReads = 100;
    await expect(elsewhere.readFile(ref, 'config.json')).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    const left = await readdir(cacheFolder, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toHaveLength(1);
  });

  it('verifies manifests too', async () => {
    await using folder = await temporaryFolder();
    const { store, artifacts, ref } = await setUp(folder.path);
    await store.put(manifestKey(ref.digest), text('{"version":1,"kind":"base-model","files":[],"meta":{}}'));
    await expect(artifacts.manifest(ref)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  });
});
