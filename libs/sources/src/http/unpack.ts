import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { refused } from './open.js';
import type { Watch } from './watch.js';

const decoders = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const;

/** As many as anybody has a reason for. */
const MOST_ENCODINGS = 4;

/**
 * Undoes `Content-Encoding`. Many servers call a `.gz` file they hold so as well, and it is to stay one: it is unpacked
 * only where it has been packed once more.
 */
export async function undoEncoding(
  file: string,
  header: string | undefined,
  name: string,
  watch: Watch,
): Promise<void> {
  const encodings = (header ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim());
  const undone = encodings.filter((encoding) => encoding !== '' && encoding !== 'identity').reverse();
  if (undone.length > MOST_ENCODINGS) throw refused(watch.path, `encoded ${undone.length} times`);
  for (const encoding of undone) {
    if (!Object.hasOwn(decoders, encoding))
      throw refused(watch.path, `an encoding that is not known: ${encoding.slice(0, 40)}`);
    // In a name of its own length: the file's may be as long as a name can be.
    const packed = join(dirname(file), `.${randomUUID()}`);
    await rename(file, packed);
    await decode(packed, file, decoders[encoding as keyof typeof decoders], watch);
    const wasTheFile = /\.(gz|gzip)$/i.test(name) && encoding.endsWith('gzip') && !(await isGzip(file));
    await (wasTheFile ? rename(packed, file) : rm(packed));
  }
}

async function decode(from: string, to: string, decoder: () => Transform, watch: Watch): Promise<void> {
  let size = 0;
  const counted = async function* (chunks: AsyncIterable<unknown>) {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      watch.size((size += chunk.length));
      yield chunk;
    }
  };
  try {
    await pipeline(createReadStream(from), decoder(), counted, createWriteStream(to), {
      signal: watch.signal,
    });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // What ends too early may come whole the next time.
    if (!/^(Z_|ERR_)/.test(code) || code === 'Z_BUF_ERROR') throw error;
    throw refused(watch.path, `its content is not encoded as the server says: ${(error as Error).message}`);
  }
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}
