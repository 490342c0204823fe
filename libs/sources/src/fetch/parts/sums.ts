import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { unusable } from '../../not-found.js';

/** Of a list of sums, or of what a package says of itself: some kilobytes. */
const MOST_BYTES = 2 ** 20;

/** @throws TemperError SOURCE_REFUSED for more than 1 MiB */
export async function readSmall(file: string, uri: string): Promise<string> {
  const { size } = await stat(file);
  if (size <= MOST_BYTES) return readFile(file, 'utf8');
  const found = [`${basename(file)}: ${size.toLocaleString('en')} bytes`];
  throw unusable(uri, 'too large for a list', found, undefined, 'SOURCE_REFUSED');
}

export type Sums = ReadonlyMap<string, readonly string[]>;

/** File name -> its SHA-256 (hexadecimal), from the lists that `sha256sum` writes (`SHA256SUMS`, `NAME.sha256`). */
export async function sumsAmong(files: readonly string[], uri: string): Promise<Sums> {
  const sums = new Map<string, string[]>();
  for (const file of files.filter((file) => /^sha256sums?(\.txt)?$|\.sha256$/i.test(basename(file)))) {
    for (const line of (await readSmall(file, uri)).split(/\r?\n/)) {
      const [, sum, name] = /^\\?([\da-f]{64}) [ *](.+)$/i.exec(line) ?? [];
      if (sum === undefined) continue;
      const key = basename(name!);
      sums.set(key, [...(sums.get(key) ?? []), sum.toLowerCase()]);
    }
  }
  return sums;
}

/** @throws TemperError MODEL_CORRUPT where a list has another sum for a file of this name */
export function checkSum(sums: Sums, name: string, sum: string, uri: string): void {
  const other = sums.get(name)?.find((listed) => listed !== sum);
  if (other === undefined) return;
  const found = [`${name}: sha256 ${sum}, listed ${other}`];
  const hint = 'the parts are not those that the package was made of: do not use them';
  throw unusable(uri, 'the sum is not the one that the package lists', found, hint, 'MODEL_CORRUPT');
}
