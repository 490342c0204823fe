import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { isDataFile, modelsAmong, walk } from '../choose-files.js';
import { missingFile, unusable } from '../not-found.js';
import type { FoundFiles, ResolveOptions } from '../source.js';

/** A file, a glob, or a folder: of a base model (config.json + *.safetensors, or one .gguf), else of data files. */
export async function localFiles(
  path: string,
  options: Pick<ResolveOptions, 'baseFolder'>,
): Promise<FoundFiles> {
  const absolute = isAbsolute(path) ? path : resolve(options.baseFolder, path);
  const found = await stat(absolute).catch(() => undefined);
  if (found?.isFile()) return { folder: dirname(absolute), files: [absolute] };
  if (found?.isDirectory()) return filesOfFolder(absolute, path);
  if (/[*?{[]/.test(path)) return globbed(path, options.baseFolder);
  throw await missingFile(absolute, path);
}

async function globbed(pattern: string, baseFolder: string): Promise<FoundFiles> {
  const files = (await glob(pattern, { cwd: baseFolder, absolute: true, onlyFiles: true })).sort();
  if (files.length) return { folder: commonFolder(files), files };
  throw unusable(pattern, 'no file fits this pattern', [], `it was looked for in ${baseFolder}`, 'NOT_FOUND');
}

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
  const files = await walk(folder);
  const models = modelsAmong(files);
  const top = models.find((model) => model.folder === folder && model.files.length > 1);
  if (top) return top;
  if (models.length === 1) return models[0]!;
  if (models.length > 1) {
    const names = models.map((m) => (m.files.length === 1 ? m.files[0]! : m.folder).slice(folder.length + 1));
    throw unusable(uri, 'there are several models in it', names, 'name one of them');
  }
  const data = files.filter(isDataFile);
  if (data.length) return { folder, files: data };
  throw unusable(
    uri,
    'neither a model (config.json + *.safetensors, or a .gguf file) nor data files are in it',
    files.map((file) => file.slice(folder.length + 1)),
  );
}
