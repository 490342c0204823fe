import { TemperError } from '@temper/contracts';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { unreadable } from '../fault.js';
import { gunzipped } from './gzip.js';
import { unzstd } from './zstd.js';

const CHUNK = 1 << 20;

const hex = (bytes: string) => Buffer.from(bytes, 'hex');
const gzip = hex('1f8b');
const zstd = [hex('28b52ffd'), hex('2a4d18')];

/** Files of other kinds that carry the name of a text file now and then. */
const others: readonly (readonly [magic: Buffer, kind: string, hint: string])[] = [
  [Buffer.from('PK\x03\x04'), 'a zip archive or a spreadsheet', 'unpack it, or save the sheet as CSV'],
  [hex('d0cf11e0'), 'an Excel workbook', 'save the sheet as CSV'],
  [Buffer.from('PAR1'), 'a Parquet file', 'name it .parquet'],
  [Buffer.from('BZh'), 'a bzip2 file', 'unpack it, or pack it as .gz or .zst'],
  [hex('fd377a585a'), 'an xz file', 'unpack it, or pack it as .gz or .zst'],
  [Buffer.from('%PDF-'), 'a PDF', 'extract its text'],
  [Buffer.from('<!DOCTYPE'), 'a web page', 'the address of the file itself is needed'],
  [Buffer.from('<!doctype'), 'a web page', 'the address of the file itself is needed'],
  [Buffer.from('<html'), 'a web page', 'the address of the file itself is needed'],
  [Buffer.from('version https://git-lfs'), 'a Git LFS pointer, not the data', 'git lfs pull'],
];

/**
 * The bytes of a file, unpacked where it is compressed: by what its first bytes say, as a server may have unpacked a .gz
 * on the way. Checksums and lengths are verified, and the file is read to the end that it had when it was opened.
 * @throws TemperError DATA_INVALID: damaged, cut off, changed while it was read, or of another kind.
 */
export async function* openBytes(file: string): AsyncGenerator<Buffer> {
  try {
    const head = await firstBytes(file);
    const starts = (magic: Buffer, at = 0) => head.subarray(at, at + magic.length).equals(magic);
    if (starts(gzip)) return yield* gunzipped(file, CHUNK);
    // A skippable frame begins with 50…5f 2a 4d 18.
    if (starts(zstd[0]!) || starts(zstd[1]!, 1)) return yield* unzstd(file);
    const packed = /\.(gz|zst)$/i.exec(file)?.[1]?.toLowerCase();
    if (packed) throw not(file, packed, head);
    const other = others.find(([magic]) => starts(magic));
    if (other) throw kindOf(file, other[1], other[2]);
    yield* plain(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function firstBytes(file: string): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(32), 0, 32, 0);
  return buffer.subarray(0, bytesRead);
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

const kindOf = (file: string, found: string, hint: string) =>
  new TemperError('DATA_INVALID', { path: file, message: 'not a file of text', found, hint });
