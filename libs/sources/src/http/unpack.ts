import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
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
  for (const encoding of encodings.reverse()) {
    if (encoding === '' || encoding === 'identity') continue;
    if (!Object.hasOwn(decoders, encoding))
      throw refused(watch.path, `an encoding that is not known: ${encoding.slice(0, 40)}`);
    const packed = `${file}.packed`;
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
  await pipeline(createReadStream(from), decoder(), counted, createWriteStream(to));
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
