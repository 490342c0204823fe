import { open } from 'node:fs/promises';
import { headBytes, lengthOf, longerHeader } from './lengths.js';

/** Gives the first bytes of a file, or all of it. */
export type ReadFirst = (bytes: number | undefined) => Promise<Uint8Array>;

/**
 * Writes the beginning of a file that lies elsewhere, as far as a look at it needs. Returns whether anything is missing;
 * where nothing would be, nothing is written.
 */
export async function writeHead(
  file: string,
  name: string,
  size: number,
  first: ReadFirst,
): Promise<boolean> {
  const bytes = headBytes(name, size);
  if (bytes === undefined) return false;
  let head = await first(bytes);
  const longer = longerHeader(name, head);
  if (longer !== undefined && longer < size) head = await first(longer);
  await using handle = await open(file, 'wx');
  await handle.writeFile(head);
  await handle.truncate(lengthOf(name, head, size));
  return true;
}
