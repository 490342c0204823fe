import { s3Address, TemperError } from '@temper/contracts';
import type { ObjectInfo, ObjectStore, ReadOptions } from '@temper/storage';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { credentialFor } from '../credentials.js';
import { installOnce } from '../fetch/install-once.js';
import { placeIn, refusedName } from '../files/place.js';
import { Glob } from '../glob/match.js';
import { hasGlob } from '../glob/parse.js';
import { firstBytes } from '../heads/collect.js';
import { headBytes } from '../heads/lengths.js';
import { writeHead, type ReadParts } from '../heads/write-head.js';
import { limitsOf, Watch } from '../http/watch.js';
import type { FoundFiles, ResolveOptions } from '../source.js';
import { filesOfFolder } from './local.js';

/**
 * `s3://BUCKET/KEY`, `s3://BUCKET/PREFIX/` or a glob of keys; what is fetched is cached by the objects' ETags. A key is
 * taken as it is written: nothing in it is decoded, and what is there by this very name is no glob.
 */
export async function s3Files(uri: string, options: ResolveOptions): Promise<FoundFiles> {
  const { bucket, key } = s3Address(uri)!;
  const store =
    typeof options.store === 'function'
      ? options.store(bucket, credentialFor(uri, options.limits)?.name)
      : options.store;
  if (!store || store.bucket !== bucket) {
    throw new TemperError('STORE_REFUSED', {
      path: uri,
      message: `no store for the bucket ${bucket}`,
      ...(store ? { allowed: store.bucket } : {}),
    });
  }
  const { base, objects } = await matching(store, key);
  if (!objects.length) throw new TemperError('NOT_FOUND', { path: uri, message: 'no such object' });
  const named = objects.length === 1 && objects[0]!.key === key;
  const common = named ? base : commonFolder(objects, base);
  const version = createHash('sha256').update(JSON.stringify(objects.map((o) => [o.key, o.etag])));
  const digest = version.digest('hex').slice(0, 16);
  const whole = join(options.cacheFolder, 's3', bucket, digest);
  const isLarge = objects.some(({ key, size }) => headBytes(key, size) !== undefined);
  const cut = options.headsOnly === true && isLarge && !existsSync(whole);
  const folder = cut ? join(options.cacheFolder, 's3-heads', bucket, digest) : whole;
  // Before anything is fetched.
  for (const { key } of objects) placeIn(folder, key.slice(base.length), `s3://${bucket}/${key}`);
  await installOnce(folder, async (temporary) => {
    for (const object of objects) {
      options.signal?.throwIfAborted();
      const place = placeIn(temporary, object.key.slice(common.length), `s3://${bucket}/${object.key}`);
      // How large it is the listing says, and the store holds to it.
      using watch = new Watch(`s3://${bucket}/${object.key}`, limitsOf(options), options.signal);
      watch.size(object.size);
      await (cut ? downloadHead : download)(store, object, place, watch).catch((error: unknown) => {
        throw watch.passed ?? error;
      });
    }
  });
  // What is named itself may be hidden.
  const found = named
    ? { folder, files: [placeIn(folder, key.slice(common.length), uri)] }
    : await filesOfFolder(folder, uri);
  return cut ? { ...found, cut } : found;
}

interface Matching {
  /** What all keys begin with: empty, or a folder with its `/`, in the words of the user. */
  readonly base: string;
  readonly objects: readonly ObjectInfo[];
}

/** The longest folder that all keys are in, below `base`. */
function commonFolder(objects: readonly ObjectInfo[], base: string): string {
  const [first, ...others] = objects.map(({ key }) => key.slice(base.length).split('/').slice(0, -1));
  const length = first!.findIndex((part, i) => others.some((other) => other[i] !== part));
  const shared = length < 0 ? first! : first!.slice(0, length);
  return base + shared.map((part) => `${part}/`).join('');
}

async function matching(store: ObjectStore, key: string): Promise<Matching> {
  const exact = key && !key.endsWith('/') ? await store.head(key) : undefined;
  if (exact) return { base: folderOf(key), objects: [exact] };
  const prefix = key.endsWith('/') || !key ? key : `${key}/`;
  const below = await listed(store, prefix, () => true);
  if (below.length || !hasGlob(key)) return { base: prefix, objects: below };
  const literal = key.slice(0, key.search(/[*?[{\\]/));
  const glob = new Glob(key);
  return { base: folderOf(literal), objects: await listed(store, literal, (found) => glob.matches(found)) };
}

/** Of a bucket's keys below what a source names, whether they fit or not. */
const MOST_LISTED = 200_000;

const tooMany = (path: string) =>
  new TemperError('SOURCE_REFUSED', {
    path,
    message: 'there are too many objects below it',
    found: `more than ${MOST_LISTED.toLocaleString('en')}`,
    hint: 'name a folder, or begin the pattern with one',
  });

const folderOf = (key: string) => key.slice(0, key.lastIndexOf('/') + 1);

async function listed(store: ObjectStore, prefix: string, fits: (key: string) => boolean) {
  const found: ObjectInfo[] = [];
  let listing = 0;
  for await (const object of store.list(prefix)) {
    if (++listing > MOST_LISTED) throw tooMany(`s3://${store.bucket}/${prefix}`);
    if (fits(object.key) && !object.key.endsWith('/')) found.push(object);
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function downloadHead(
  store: ObjectStore,
  object: ObjectInfo,
  file: string,
  watch: Watch,
): Promise<void> {
  const read = async (part: Pick<ReadOptions, 'first' | 'last'>, bytes = Infinity) => {
    const content = await store.getStream(object.key, { ...part, signal: watch.signal });
    if (!content) throw deleted(object.key);
    return firstBytes(watch.counted(content.stream), bytes);
  };
  const parts: ReadParts = {
    first: (bytes) => read({ first: bytes }, bytes),
    last: (bytes) => read({ last: bytes }, bytes),
  };
  const isCut = await inPlace(store, object, file, () => writeHead(file, object.key, object.size, parts));
  if (!isCut) await download(store, object, file, watch);
}

async function download(store: ObjectStore, object: ObjectInfo, file: string, watch: Watch): Promise<void> {
  const content = await store.getStream(object.key, { signal: watch.signal });
  if (!content) throw deleted(object.key);
  await inPlace(store, object, file, () =>
    pipeline(watch.counted(content.stream), createWriteStream(file, { flags: 'wx' })),
  );
}

/** Two keys may need one place: `a` and `a/b`, or those that this machine's file system takes for one. */
async function inPlace<T>(store: ObjectStore, { key }: ObjectInfo, file: string, write: () => Promise<T>) {
  try {
    await mkdir(dirname(file), { recursive: true });
    return await write();
  } catch (error) {
    if (!['EEXIST', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw refusedName(`s3://${store.bucket}`, key, 'another key needs its place in the cache');
  }
}

const deleted = (key: string) =>
  new TemperError('NOT_FOUND', { path: key, message: 'the object has just been deleted' });
