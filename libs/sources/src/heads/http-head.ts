import { shownSource } from '@temper/contracts';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { credentialFor } from '../credentials.js';
import { installOnce } from '../fetch/install-once.js';
import { placeIn } from '../files/place.js';
import { fileNameFor } from '../http/file-name.js';
import { failure, openAddress, type OpenOptions } from '../http/open.js';
import { Watch } from '../http/watch.js';
import type { FoundFiles, ResolveOptions } from '../source.js';
import { firstBytes } from './collect.js';
import { httpParquet } from './http-parquet.js';
import { headBytes, isParquet } from './lengths.js';
import { rangeHeaders, sizeOf } from './range.js';
import { writeHead } from './write-head.js';

type Options = Pick<ResolveOptions, 'cacheFolder' | 'signal'> & {
  limits: NonNullable<ResolveOptions['limits']>;
};

/**
 * The beginning of a large file, by range where the server knows ranges. undefined for a small one, one that is packed
 * on its way, or where the server does not give it: then the download itself is made, and says why.
 */
export async function httpHead(
  address: string,
  { cacheFolder, limits, signal }: Options,
  testing: Pick<OpenOptions, 'look'>,
): Promise<FoundFiles | undefined> {
  using watch = new Watch(shownSource(address), limits, signal);
  const { token } = credentialFor(address, limits) ?? {};
  // Awaited here: the watch ends with this call.
  if (isParquet(new URL(address).pathname))
    return await httpParquet(address, { cacheFolder, token, watch }, testing);
  const wanted = headBytes(new URL(address).pathname, Infinity) ?? 0;
  if (!wanted) return undefined;
  const headers = rangeHeaders(`bytes=0-${wanted - 1}`);
  const { response, url } = await openAddress(address, { headers, token, watch, ...testing });
  try {
    const size = sizeOf(response.statusCode!, response.headers);
    const name = fileNameFor(new URL(address), response.headers['content-disposition'], url);
    if (size) watch.size(size);
    // Only the answer says that it is one: its first rows are told by its end, which this is not.
    if (isParquet(name)) {
      response.destroy();
      return await httpParquet(address, { cacheFolder, token, watch }, testing);
    }
    const bytes = size && headBytes(name, size);
    if (!bytes || bytes > wanted) return undefined;
    const head = await firstBytes(watch.counted(response as AsyncIterable<Buffer>), bytes);
    if (head.length < bytes) return undefined;
    const { etag, 'last-modified': modified } = response.headers;
    const version = JSON.stringify([address, name, etag, modified, size]);
    const key = createHash('sha256').update(version).digest('hex').slice(0, 16);
    const folder = join(cacheFolder, 'http-heads', key);
    if (!etag && !modified) await rm(folder, { recursive: true, force: true });
    await installOnce(folder, async (temporary) => {
      await writeHead(placeIn(temporary, name, address), name, size, {
        first: async () => head,
        last: async () => head,
      });
    });
    return { folder, files: [placeIn(folder, name, address)], cut: true };
  } catch (error) {
    throw failure(error as NodeJS.ErrnoException, watch, 'the download broke off: ');
  } finally {
    response.destroy();
  }
}
