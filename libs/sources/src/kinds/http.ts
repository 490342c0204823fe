import { shownSource, TemperError } from '@temper/contracts';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { credentialFor } from '../credentials.js';
import { readJson, writeJson } from '../files/json.js';
import { placeIn } from '../files/place.js';
import { httpHead } from '../heads/http-head.js';
import { fileNameFor } from '../http/file-name.js';
import { failure, openAddress, refused, type OpenOptions } from '../http/open.js';
import { undoEncoding } from '../http/unpack.js';
import { noLimits, Watch } from '../http/watch.js';
import type { FoundFiles, ResolveOptions } from '../source.js';

/** `current.json` of an address: the newest download, and how the server knows it. */
interface Current {
  /** Beside it. */
  readonly folder: string;
  readonly name: string;
  readonly etag?: string | undefined;
  readonly modified?: string | undefined;
}

type HttpOptions = Pick<ResolveOptions, 'cacheFolder' | 'limits' | 'signal' | 'headsOnly'>;

/**
 * Downloads a file into the cache; asks first whether the cached one (by its ETag or date) is still the newest. The
 * folder's name is a hash: addresses may hold tokens.
 */
export async function httpFiles(
  address: string,
  { cacheFolder, limits = noLimits, signal, headsOnly }: HttpOptions,
  testing: Pick<OpenOptions, 'look'> = {},
): Promise<FoundFiles> {
  const key = createHash('sha256').update(address).digest('hex').slice(0, 16);
  const folder = join(cacheFolder, 'http', key);
  const pointer = join(folder, 'current.json');
  const current = await readJson<Current>(pointer);
  const kept = current && filesOf(folder, current, address);
  const known = kept && existsSync(kept.files[0]!) ? current : undefined;
  const head = headsOnly && !known && (await httpHead(address, { cacheFolder, limits, signal }, testing));
  if (head) return head;
  using watch = new Watch(shownSource(address), limits, signal);
  const { token } = credentialFor(address, limits) ?? {};
  const { response, url } = await openAddress(address, {
    headers: headersFor(known),
    token,
    watch,
    ...testing,
  });
  if (response.statusCode === 304 && known) {
    response.destroy();
    return kept!;
  }
  if (response.statusCode !== 200) throw notGiven(response, watch.path);
  const name = fileNameFor(new URL(address), response.headers['content-disposition'], url);
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(join(folder, '.part-'));
  try {
    const file = placeIn(temporary, name, address);
    await receive(response, file, watch);
    const version = createHash('sha256').update(temporary).digest('hex').slice(0, 16);
    await rename(temporary, join(folder, version));
    const { etag, 'last-modified': modified } = response.headers;
    const next: Current = { folder: version, name, etag, modified };
    await writeJson(pointer, next);
    await removeOld(folder, [version, known?.folder]);
    return filesOf(folder, next, address);
  } finally {
    response.destroy();
    await rm(temporary, { recursive: true, force: true });
  }
}

function filesOf(folder: string, { folder: version, name }: Current, address: string): FoundFiles {
  const inside = join(folder, basename(version));
  return { folder: inside, files: [placeIn(inside, name, address)] };
}

/** Whoever reads the one before goes on with it; those before that are gone. */
async function removeOld(folder: string, kept: readonly (string | undefined)[]): Promise<void> {
  const old = (await readdir(folder)).filter((name) => /^[\da-f]{16}$/.test(name) && !kept.includes(name));
  await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

const headersFor = (known: Current | undefined): Record<string, string> => ({
  'user-agent': 'temper',
  'accept-encoding': 'identity',
  ...(known?.etag ? { 'if-none-match': known.etag } : {}),
  ...(known?.modified && !known.etag ? { 'if-modified-since': known.modified } : {}),
});

async function receive(response: IncomingMessage, file: string, watch: Watch): Promise<void> {
  watch.size(Number(response.headers['content-length'] ?? 0));
  try {
    const counted = (pieces: AsyncIterable<Buffer>) => watch.counted(pieces);
    await pipeline(response, counted, createWriteStream(file, { flags: 'wx' }), { signal: watch.signal });
    await undoEncoding(file, response.headers['content-encoding'], basename(file), watch);
  } catch (error) {
    throw failure(error as NodeJS.ErrnoException, watch, 'the download broke off: ');
  }
}

function notGiven(response: IncomingMessage, path: string): TemperError {
  response.destroy();
  const status = response.statusCode!;
  const message = `the server answered ${status} ${response.statusMessage ?? ''}`.trim();
  if (status === 404 || status === 410) return new TemperError('NOT_FOUND', { path, message });
  if (status < 500 && ![408, 425, 429].includes(status)) return refused(path, message);
  return new TemperError('SOURCE_UNAVAILABLE', { path, message });
}
