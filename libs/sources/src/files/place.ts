import { isInside, shownSource, TemperError } from '@temper/contracts';
import { join } from 'node:path';
import { oneLine, quoted } from '../not-found.js';

/** Bytes of one name that file systems take. */
const LONGEST = 255;

/**
 * Where a file that a source yields goes: below the source's own folder, whatever its key, its member of an archive, its
 * path in a repository or its header says. Everything that is written goes through here.
 * @throws TemperError SOURCE_REFUSED with the name.
 */
export function placeIn(folder: string, name: string, uri: string): string {
  const parts = name.split('/');
  const fits =
    isInside(name) &&
    parts.every((part) => Buffer.byteLength(part) <= LONGEST) &&
    // Where it separates folders as well.
    !(process.platform === 'win32' && /[\\:]/.test(name));
  if (fits) return join(folder, ...parts);
  throw refusedName(uri, name);
}

export const refusedName = (uri: string, name: string, message = 'a file of this name is not fetched') =>
  new TemperError('SOURCE_REFUSED', {
    path: oneLine(shownSource(uri)),
    message,
    found: quoted(name),
    allowed: 'plain files below the folder of the source',
  });
