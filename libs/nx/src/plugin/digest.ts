import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameIn, locateSource } from '@temper/sources';

/** `SIZE:MODIFIED:INODE` and the SHA-256 of the content then: a data set of gigabytes is not read at every command. */
type Known = Record<string, readonly [stamp: string, digest: string]>;

/** SHA-256 over names and contents of the files of all sources; what is not there counts as that. */
export async function digestOfSources(sources: readonly string[], cacheFolder: string): Promise<string> {
  const memory = join(cacheFolder, 'temper-digests.json');
  const known = await read(memory);
  const total = createHash('sha256');
  for (const source of [...sources].sort()) {
    const found = await locateSource(source, { baseFolder: '.', cacheFolder }).catch(() => undefined);
    total.update(`${sources.indexOf(source)}\0${found ? 'found' : 'missing'}\n`);
    for (const file of [...(found?.files ?? [])].sort())
      total.update(`${nameIn(found!.folder, file)}\0${await digestOf(file, known)}\n`);
  }
  await write(memory, known);
  return total.digest('hex');
}

async function digestOf(file: string, known: Known): Promise<string> {
  const { size, mtimeMs, ino } = await stat(file);
  const stamp = `${size}:${mtimeMs}:${ino}`;
  const [then, digest] = known[file] ?? [];
  if (then === stamp && digest) return digest;
  const content = createHash('sha256');
  for await (const chunk of createReadStream(file)) content.update(chunk as Buffer);
  const now = content.digest('hex');
  known[file] = [stamp, now];
  return now;
}

const read = async (file: string): Promise<Known> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Known;
  } catch {
    return {}; // Not there yet, or cut off: everything is read again.
  }
};

/** By rename: another command may read it meanwhile. */
async function write(file: string, known: Known): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(temporary, JSON.stringify(known));
  await rename(temporary, file);
}
