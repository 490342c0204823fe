import { TemperError } from '@temper/contracts';
import type { ObjectInfo, ObjectStore } from '@temper/storage';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { installOnce } from '../fetch/install-once.js';
import type { FoundFiles, ResolveOptions } from '../source.js';
import { filesOfFolder } from './local.js';

/** `s3://BUCKET/KEY`, `s3://BUCKET/PREFIX/` or a glob of keys; what is fetched is cached by the objects' ETags. */
export async function s3Files(uri: string, options: ResolveOptions): Promise<FoundFiles> {
  const { hostname: bucket, pathname } = new URL(uri.replaceAll('?', '%3F'));
  const key = decodeURIComponent(pathname.slice(1));
  const store = typeof options.store === 'function' ? options.store(bucket) : options.store;
  if (!store || store.bucket !== bucket) {
    throw new TemperError('STORE_REFUSED', {
      path: uri,
      message: `no store for the bucket ${bucket}`,
      ...(store ? { allowed: store.bucket } : {}),
    });
  }
  const objects = await matching(store, key);
  if (!objects.length) throw new TemperError('NOT_FOUND', { path: uri, message: 'no such object' });
  const base = objects.length === 1 && objects[0]!.key === key ? posix.dirname(key) : commonFolder(objects);
  const version = createHash('sha256').update(JSON.stringify(objects.map((o) => [o.key, o.etag])));
  const folder = join(options.cacheFolder, 's3', bucket, version.digest('hex').slice(0, 16));
  await installOnce(folder, async (temporary) => {
    for (const object of objects)
      await download(store, object, join(temporary, posix.relative(base, object.key)));
  });
  return filesOfFolder(folder, uri);
}

/** The longest folder that all keys are in. */
function commonFolder(objects: readonly ObjectInfo[]): string {
  const [first, ...others] = objects.map((object) => posix.dirname(object.key).split('/'));
  const length = first!.findIndex((part, i) => others.some((other) => other[i] !== part));
  return length < 0 ? first!.join('/') : first!.slice(0, length).join('/');
}

async function matching(store: ObjectStore, key: string): Promise<ObjectInfo[]> {
  const exact = key && !key.endsWith('/') ? await store.head(key) : undefined;
  if (exact) return [exact];
  const wildcard = key.search(/[*?[{]/);
  const prefix = wildcard < 0 ? (key.endsWith('/') || !key ? key : `${key}/`) : key.slice(0, wildcard);
  const found: ObjectInfo[] = [];
  for await (const object of store.list(prefix)) {
    const fits = wildcard < 0 || posixGlob(object.key, key);
    if (fits && !object.key.endsWith('/')) found.push(object);
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

// As for local files: `*` and `?` stay inside a folder, `**` does not.
function posixGlob(key: string, pattern: string): boolean {
  const source = pattern
    .replaceAll(/[.+^$()|\\]/g, String.raw`\$&`)
    .replaceAll(/\*\*\/?|\*|\?/g, (m) => (m === '*' ? '[^/]*' : m === '?' ? '[^/]' : '.*'))
    .replaceAll(/\{([^}]*)\}/g, (_, list: string) => `(${list.replaceAll(',', '|')})`);
  return new RegExp(`^${source}$`).test(key);
}

async function download(store: ObjectStore, object: ObjectInfo, file: string): Promise<void> {
  const content = await store.getStream(object.key);
  if (!content) {
    throw new TemperError('NOT_FOUND', { path: object.key, message: 'the object has just been deleted' });
  }
  await mkdir(dirname(file), { recursive: true });
  await pipeline(content.stream, createWriteStream(file));
}
