import { TemperError } from '@temper/contracts';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FoundFiles, ResolveOptions } from '../source.js';

/** Downloads a file into the cache; asks first whether the cached one (by its ETag) is still the newest. */
export async function httpFiles(url: string, options: ResolveOptions): Promise<FoundFiles> {
  const address = new URL(url);
  const key = createHash('sha256').update(url).digest('hex').slice(0, 16);
  const folder = join(options.cacheFolder, 'http', key);
  const file = join(folder, basename(address.pathname) || 'index');
  const etagFile = join(folder, '.etag');
  await mkdir(folder, { recursive: true });
  const etag = existsSync(file) ? await readFile(etagFile, 'utf8').catch(() => undefined) : undefined;

  const response = await fetch(url, {
    headers: etag ? { 'if-none-match': etag } : {},
    signal: options.signal ?? null,
  }).catch((error: Error) => {
    if (options.signal?.aborted) throw error;
    throw unavailable(url, (error.cause as Error | undefined)?.message ?? error.message, error);
  });
  if (response.status === 304) return { folder, files: [file] };
  if (!response.ok || !response.body) throw refused(url, response);

  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(temporary));
    await rename(temporary, file);
    await writeFile(etagFile, response.headers.get('etag') ?? '');
  } catch (error) {
    throw unavailable(url, `the download broke off: ${(error as Error).message}`, error);
  } finally {
    await rm(temporary, { force: true });
  }
  return { folder, files: [file] };
}

function refused(url: string, response: Response): TemperError {
  const message = `the server answered ${response.status} ${response.statusText}`.trim();
  const gone = response.status === 404 || response.status === 410;
  return gone ? new TemperError('NOT_FOUND', { path: url, message }) : unavailable(url, message);
}

const unavailable = (url: string, message: string, cause?: unknown) =>
  new TemperError('SOURCE_UNAVAILABLE', { path: url, message }, { cause });
