import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { installOnce } from '../fetch/install-once.js';
import { placeIn } from '../files/place.js';
import { fileNameFor } from '../http/file-name.js';
import { failure, openAddress, type OpenOptions } from '../http/open.js';
import type { Watch } from '../http/watch.js';
import type { FoundFiles } from '../source.js';
import { firstBytes } from './collect.js';
import { headBytes } from './lengths.js';
import { rangeHeaders, sizeOf } from './range.js';
import { writeHead } from './write-head.js';

interface Part {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly name: string;
  /** How the server knows this content. */
  readonly version: string | undefined;
}

interface Fetching {
  readonly watch: Watch;
  /** Of the server that the address names. */
  readonly token: OpenOptions['token'];
}

/** The file is not fetched in parts: the download itself is made, and says why where it fails. */
class NotInParts extends Error {}

/**
 * The first rows of a large Parquet file, by range: what it says at its end, then its first row group. undefined for a
 * small one, one whose first group is most of it, and where the server knows no ranges.
 */
export async function httpParquet(
  address: string,
  { cacheFolder, ...more }: Fetching & { readonly cacheFolder: string },
  testing: Pick<OpenOptions, 'look'>,
): Promise<FoundFiles | undefined> {
  const part = (range: string, bytes: number) => fetchPart(address, { range, bytes, ...more }, testing);
  try {
    const tail = await part('bytes=-8', 8);
    const { size, name, version } = tail;
    if (!version || headBytes(name, size) === undefined) return undefined;
    more.watch.size(size);
    const same = async (range: string, bytes: number) => {
      const found = await part(range, bytes);
      if (found.version !== version || found.size !== size) throw new NotInParts();
      return found.bytes;
    };
    const key = createHash('sha256')
      .update(JSON.stringify([address, name, version, size]))
      .digest('hex');
    const folder = join(cacheFolder, 'http-heads', key.slice(0, 16));
    await installOnce(folder, async (temporary) => {
      const isCut = await writeHead(placeIn(temporary, name, address), name, size, {
        first: (bytes = size) => same(`bytes=0-${bytes - 1}`, bytes),
        last: (bytes) => same(`bytes=-${bytes}`, bytes),
      });
      if (!isCut) throw new NotInParts();
    });
    return { folder, files: [placeIn(folder, name, address)], cut: true };
  } catch (error) {
    if (error instanceof NotInParts) return undefined;
    throw error;
  }
}

async function fetchPart(
  address: string,
  { range, bytes, token, watch }: Fetching & { readonly range: string; readonly bytes: number },
  testing: Pick<OpenOptions, 'look'>,
): Promise<Part> {
  const { response, url } = await openAddress(address, {
    headers: rangeHeaders(range),
    token,
    watch,
    ...testing,
  });
  try {
    const { etag, 'last-modified': modified, 'content-disposition': disposition } = response.headers;
    const size = sizeOf(response.statusCode!, response.headers);
    if (response.statusCode !== 206 || !size) throw new NotInParts();
    const content = await firstBytes(watch.counted(response as AsyncIterable<Buffer>), bytes);
    if (content.length < Math.min(bytes, size)) throw new NotInParts();
    const name = fileNameFor(new URL(address), disposition, url);
    return { bytes: content, size, name, version: etag ?? modified };
  } catch (error) {
    if (error instanceof NotInParts) throw error;
    throw failure(error as NodeJS.ErrnoException, watch, 'the download broke off: ');
  } finally {
    response.destroy();
  }
}
