import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { chooseFiles, isHidden } from '../choose-files.js';
import { isKernelMade } from '../files/kernel-files.js';
import { walkFiles, type WalkedFile } from '../files/walk.js';
import { Glob } from '../glob/match.js';
import { hasGlob } from '../glob/parse.js';
import { brokenLink, missingFile, unusable } from '../not-found.js';
import type { FoundFiles, ResolveOptions } from '../source.js';

/**
 * A file, a folder (of a base model: config.json + *.safetensors, or one .gguf; else of data files), or a glob. What is
 * there by this very name is meant, whatever characters are in it; links are followed.
 */
export async function localFiles(
  path: string,
  options: Pick<ResolveOptions, 'baseFolder'>,
): Promise<FoundFiles> {
  const absolute = isAbsolute(path) ? path : resolve(options.baseFolder, path);
  const found = await stat(absolute).catch((error: NodeJS.ErrnoException) => error.code ?? 'UNKNOWN');
  if (typeof found === 'string') {
    if (['ELOOP', 'EACCES', 'EPERM'].includes(found)) throw unreadable(path, found);
    if (hasGlob(path)) return globbed(absolute, path);
    throw await missingFile(absolute, path);
  }
  if (await isKernelMade(absolute))
    throw unusable(path, 'no data, but what the kernel says of itself', [absolute]);
  if (found.isFile()) return { folder: dirname(absolute), files: [absolute] };
  if (found.isDirectory()) return filesOfFolder(absolute, path);
  throw unusable(path, 'neither a file nor a folder', [found.isFIFO() ? 'a pipe' : 'a device or socket']);
}

const unreadable = (path: string, code: string) =>
  unusable(path, code === 'ELOOP' ? 'a link that leads to itself' : 'may not be read', [code]);

/** The part of the path that is there is no pattern, even where it looks like one. */
async function globbed(absolute: string, shown: string): Promise<FoundFiles> {
  const parts = absolute.split(sep);
  let literal = 1;
  while (literal < parts.length - 1 && (await isFolder(parts.slice(0, literal + 1).join(sep)))) literal++;
  const base = parts.slice(0, literal).join(sep) || sep;
  const glob = new Glob(parts.slice(literal).join('/'));
  const files: string[] = [];
  for await (const found of walkFiles(base, (name) => glob.mayBegin(`${name}/`))) {
    if (!glob.matches(found.name)) continue;
    if (found.broken) throw brokenLink(found.file);
    files.push(found.file);
  }
  if (files.length) return { folder: commonFolder(files), files: files.sort() };
  throw unusable(shown, 'no file fits this pattern', [], `it was looked for in ${base}`, 'NOT_FOUND');
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** The deepest folder that all files are in, so that their names do not depend on where the spec lies. */
const commonFolder = (files: readonly string[]): string =>
  files
    .map((file) => dirname(file))
    .reduce((common, folder) => {
      let shared = common;
      while (shared !== folder && !folder.startsWith(`${shared}/`) && dirname(shared) !== shared)
        shared = dirname(shared);
      return shared;
    });

/** The model in a folder, or else its data files. */
export async function filesOfFolder(folder: string, uri: string): Promise<FoundFiles> {
  const walked: WalkedFile[] = [];
  for await (const found of walkFiles(folder, (name) => !isHidden(basename(name)))) {
    if (!isHidden(basename(found.name))) walked.push(found);
  }
  const chosen = chooseFiles(folder, walked.map(({ file }) => file).sort(), uri);
  const broken = walked.find(({ file, broken }) => broken && chosen.files.includes(file));
  if (broken) throw brokenLink(join(folder, broken.name));
  return chosen;
}
