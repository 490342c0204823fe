import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unusable } from '../not-found.js';
import { isKernelMade } from './kernel-files.js';

export interface WalkedFile {
  /** Below the folder, with `/`. */
  readonly name: string;
  readonly file: string;
  /** A link that leads nowhere, or to itself. */
  readonly broken: boolean;
}

interface Folder {
  readonly path: string;
  readonly name: string;
}

/**
 * The regular files below a folder. Links are followed, to files and to folders, but every folder is read once, so that
 * links that lead back or to and fro end; it is read under its own name where it has one here. Devices, pipes, sockets
 * and what the kernel makes up (/proc, /sys) are passed over. `enter` says which folders are worth reading.
 * @throws TemperError DATA_INVALID where a folder cannot be read, and for more than 200,000 files and folders
 */
export async function* walkFiles(
  folder: string,
  enter: (name: string) => boolean = () => true,
): AsyncGenerator<WalkedFile> {
  const read = new Set<string>();
  /** By the number of the device. */
  const kernelMade = new Map<bigint, boolean>();
  let seen = 0;
  const folders: Folder[] = [{ path: folder, name: '' }];
  const linked: Folder[] = [];
  for (let found = folders.shift(); found; found = folders.shift() ?? linked.shift()) {
    const next = found;
    const { dev, ino } = await readable(next.path, () => stat(next.path, { bigint: true }));
    if (read.has(`${dev}:${ino}`)) continue;
    read.add(`${dev}:${ino}`);
    if (!kernelMade.has(dev)) kernelMade.set(dev, await isKernelMade(next.path));
    if (kernelMade.get(dev)) continue;
    const entries = await readable(next.path, () => readdir(next.path, { withFileTypes: true }));
    seen += entries.length;
    if (seen > MOST) throw tooMany(folder);
    for (const entry of entries.sort(byName)) {
      const name = next.name ? `${next.name}/${entry.name}` : entry.name;
      const path = join(next.path, entry.name);
      const kind = await kindOf(entry, path);
      if (kind === 'folder' && enter(name)) (entry.isDirectory() ? folders : linked).push({ path, name });
      else if (kind === 'file' || kind === 'broken') yield { name, file: path, broken: kind === 'broken' };
    }
  }
}

/** Some seconds' work. */
const MOST = 200_000;
const tooMany = (folder: string) =>
  unusable(
    folder,
    'too many files and folders to look through',
    [`more than ${MOST.toLocaleString('en')}`],
    'name a folder that is nearer to the data, or put many small files into a few large ones',
  );

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unusable(path, 'the folder cannot be read', [
      (error as NodeJS.ErrnoException).code ?? String(error),
    ]);
  }
}

const byName = (a: Dirent, b: Dirent) => (a.name < b.name ? -1 : 1);

async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | 'broken' | 'other'> {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  const target = await stat(path).catch(() => undefined);
  if (!target) return entry.isSymbolicLink() ? 'broken' : 'other';
  if (target.isFile() && (await isKernelMade(path))) return 'other';
  return target.isFile() ? 'file' : target.isDirectory() ? 'folder' : 'other';
}
