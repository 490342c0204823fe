import { TemperError } from '@temper/contracts';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { placeIn, refusedName } from '../files/place.js';
import { UnpackLimit } from './unpack-limit.js';

const FILE = 0o100000;
const FOLDER = 0o040000;
const KIND = 0o170000;

/**
 * Unpacks a wheel as pip installs it, without the scripts that pip would write: `NAME.data/scripts` is `bin`, its other
 * parts are the package's own (binary distribution format, packaging.python.org). Nothing but plain files is taken.
 */
export const unpackWheel = (
  archive: string,
  target: string,
  uri: string,
  limit = new UnpackLimit(uri),
): Promise<void> =>
  unpacking(uri, async () => {
    const zip = await openPromise(archive, { autoClose: false, lazyEntries: true });
    try {
      for await (const entry of zip.eachEntry()) {
        limit.member(entry.uncompressedSize);
        await unpackEntry(zip, entry, target, uri);
      }
    } finally {
      zip.close();
    }
  });

async function unpackEntry(zip: ZipFile, entry: Entry, target: string, uri: string): Promise<void> {
  const name = entry.fileName;
  const mode = entry.externalFileAttributes >>> 16;
  const kind = mode & KIND;
  if (name.endsWith('/') || kind === FOLDER) return;
  if (kind !== 0 && kind !== FILE)
    throw refusedName(uri, name, 'a link or device in a package is not unpacked');
  const [, scheme, rest] = /^[^/]+\.data\/(purelib|platlib|data|headers|scripts)\/(.+)$/s.exec(name) ?? [];
  const script = scheme === 'scripts';
  const file = placeIn(target, rest === undefined ? name : script ? `bin/${rest}` : rest, uri);
  await mkdir(dirname(file), { recursive: true });
  const executable = script || (mode & 0o111) !== 0;
  const content = await zip.openReadStreamPromise(entry);
  const output = createWriteStream(file, { flags: 'wx', mode: executable ? 0o755 : 0o644 });
  await pipeline(content, output);
}

async function unpacking<T>(uri: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TemperError) throw error;
    const { message, code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw error;
    throw new TemperError(
      'SOURCE_REFUSED',
      { path: uri, message: 'the archive cannot be unpacked', found: message },
      { cause: error },
    );
  }
}
