import { TemperError } from '@temper/contracts';
import { extract } from 'tar';
import { placeIn, refusedName } from '../files/place.js';
import { UnpackLimit } from './unpack-limit.js';

const plain = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir']);

interface Member {
  readonly type: string;
  readonly size: number;
}

/** Unpacks an npm package, whose members lie in one folder. Links and devices, which npm never packs, are refused. */
export async function unpackNpm(
  archive: string,
  target: string,
  uri: string,
  limit = new UnpackLimit(uri),
): Promise<void> {
  let refused: unknown;
  const check = (path: string, { type, size }: Member) => {
    if (!plain.has(type)) throw refusedName(uri, path, 'a link or device in a package is not unpacked');
    const name = path.split('/').slice(1).join('/').replace(/\/$/, '');
    if (name) placeIn(target, name, uri);
    limit.member(size);
  };
  const filter = (path: string, entry: object) => {
    try {
      if (!refused) check(path, entry as Member);
    } catch (error) {
      refused = error;
    }
    return refused === undefined;
  };
  const onwarn = (code: string, message: string | Error) => {
    if (!/^TAR_(BAD_ARCHIVE|ENTRY_INVALID|ENTRY_ERROR|ABORT)$/.test(code)) return;
    refused ??= damaged(uri, String(message));
  };
  try {
    await extract({ file: archive, cwd: target, strip: 1, filter, onwarn });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
    refused ??= damaged(uri, (error as Error).message);
  }
  if (refused) throw refused as Error;
}

const damaged = (path: string, found: string) =>
  new TemperError('SOURCE_REFUSED', { path, message: 'the archive cannot be unpacked', found });
