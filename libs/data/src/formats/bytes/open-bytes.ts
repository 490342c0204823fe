import { TemperError } from '@temper/contracts';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { unreadable } from '../fault.js';
import { gunzipped } from './gzip.js';
import { otherKind } from './kinds.js';
import { unzstd } from './zstd.js';

const CHUNK = 1 << 20;

const hex = (bytes: string) => Buffer.from(bytes, 'hex');
const gzip = hex('1f8b');
const zstd = [hex('28b52ffd'), hex('2a4d18')];

/**
 * The bytes of a file, unpacked where it is compressed: by what its first bytes say, as a server may have unpacked a .gz
 * on the way. Checksums and lengths are verified, and the file is read to the end that it had when it was opened.
 * @throws TemperError DATA_INVALID: damaged, cut off, changed while it was read, or of another kind.
 */
export async function* openBytes(file: string): AsyncGenerator<Buffer> {
  try {
    const head = await firstBytes(file);
    const starts = (magic: Buffer, at = 0) => head.subarray(at, at + magic.length).equals(magic);
    if (starts(gzip)) return yield* text(file, gunzipped(file, CHUNK));
    // A skippable frame begins with 50…5f 2a 4d 18.
    if (starts(zstd[0]!) || starts(zstd[1]!, 1)) return yield* text(file, unzstd(file));
    const packed = /\.(gz|zst)$/i.exec(file)?.[1]?.toLowerCase();
    if (packed) throw not(file, packed, head);
    yield* text(file, plain(file));
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function firstBytes(file: string): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(32), 0, 32, 0);
  return buffer.subarray(0, bytesRead);
}

/** The same pieces, unless the first of them says that the file is of another kind. */
async function* text(file: string, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let first = true;
  for await (const piece of pieces) {
    const other = first ? otherKind(piece) : undefined;
    if (other) throw new TemperError('DATA_INVALID', { path: file, message: 'not a file of text', ...other });
    first = false;
    yield piece;
  }
}

async function* plain(file: string): AsyncGenerator<Buffer> {
  const { size } = await stat(file);
  let read = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) {
    read += (chunk as Buffer).length;
    yield chunk as Buffer;
  }
  if (read === size) return;
  throw new TemperError('DATA_INVALID', {
    path: file,
    message: 'the file changed while it was read',
    found: `${read} bytes`,
    allowed: `${size}`,
  });
}

const not = (file: string, extension: string, head: Buffer) =>
  new TemperError('DATA_INVALID', {
    path: file,
    message: head.length ? `damaged: this is no .${extension} file` : `damaged: an empty .${extension} file`,
    ...(head.length ? { found: `the bytes ${head.subarray(0, 4).toString('hex')} at its beginning` } : {}),
  });
