import { open } from 'node:fs/promises';
import {
  headBytes,
  isParquet,
  lengthOf,
  longerHeader,
  MAX_FOOTER_BYTES,
  MAX_GROUP_BYTES,
} from './lengths.js';
import { firstGroup, footerLength } from './parquet-head.js';

/** Gives bytes of a file that lies elsewhere. */
export interface ReadParts {
  /** The first ones, or all. */
  readonly first: (bytes: number | undefined) => Promise<Uint8Array>;
  readonly last: (bytes: number) => Promise<Uint8Array>;
}

/**
 * Writes the beginning of a file that lies elsewhere, as far as a look at it needs. Returns whether anything is missing;
 * where nothing would be, nothing is written.
 */
export async function writeHead(
  file: string,
  name: string,
  size: number,
  { first, last }: ReadParts,
): Promise<boolean> {
  const bytes = headBytes(name, size);
  if (bytes === undefined) return false;
  if (isParquet(name)) return writeFirstRows(file, size, { first, last });
  let head = await first(bytes);
  const longer = longerHeader(name, head);
  if (longer !== undefined && longer < size) head = await first(longer);
  await using handle = await open(file, 'wx');
  await handle.writeFile(head);
  await handle.truncate(lengthOf(name, head, size));
  return true;
}

const TAIL_BYTES = 64 * 1024;

/** A Parquet file of the first row group alone. */
async function writeFirstRows(file: string, size: number, { first, last }: ReadParts): Promise<boolean> {
  let tail = Buffer.from(await last(Math.min(TAIL_BYTES, size)));
  const length = footerLength(tail);
  if (length === undefined || length + 8 > Math.min(size, MAX_FOOTER_BYTES)) return false;
  if (length + 8 > tail.length) tail = Buffer.from(await last(length + 8));
  const head = firstGroup(tail.subarray(tail.length - 8 - length, tail.length - 8));
  if (!head || head.bytes > Math.min(MAX_GROUP_BYTES, size - length - 8)) return false;
  // All of it is less than two parts of it.
  if (head.bytes + tail.length >= size) return false;
  await using handle = await open(file, 'wx');
  await handle.writeFile(await first(head.bytes));
  await handle.writeFile(head.footer);
  return true;
}
