import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import { indexFile, noWeights, singleFile } from './formats/weight-files.js';

export type ModelPlace =
  | { readonly format: 'directory'; readonly folder: string }
  | { readonly format: 'gguf'; readonly file: string };

const deepest = 4;

const isGguf = (name: string) => /\.gguf$/i.test(name);

/**
 * Finds the model in a folder or file: a .gguf file, a folder with config.json and weights, or (a package, a download)
 * a folder somewhere inside which there is exactly one of those.
 */
export async function locateModel(path: string): Promise<ModelPlace> {
  const info = await stat(path).catch(() => undefined);
  if (!info) {
    throw new TemperError('MODEL_UNSUPPORTED', {
      path,
      message: 'no such file or folder',
      allowed: 'a folder with config.json and model.safetensors, or a .gguf file',
    });
  }
  if (info.isFile()) {
    if (isGguf(path)) return { format: 'gguf', file: path };
    throw new TemperError('MODEL_UNSUPPORTED', {
      path,
      message: 'not a kind of model file that can be read',
      allowed: 'a .gguf file, or a folder with config.json and model.safetensors',
      ...(/\.safetensors$/i.test(path) ? { hint: 'give the folder that it is in' } : {}),
    });
  }
  const places = await search(path, 0);
  if (places.length === 1) return places[0]!;
  const names = await readdir(path);
  // A folder that was meant to be the model itself is reported with what it lacks when it is opened.
  if (!places.length && names.includes('config.json')) return { format: 'directory', folder: path };
  if (!places.length && names.includes('adapter_config.json')) throw noWeights(path, names);
  throw new TemperError('MODEL_UNSUPPORTED', {
    path,
    message: places.length ? 'holds more than one model' : 'holds no model',
    found: places.length
      ? places.map((place) => (place.format === 'gguf' ? place.file : place.folder)).join(', ')
      : names.slice(0, 10).join(', ') || 'an empty folder',
    allowed: 'a folder with config.json and model.safetensors, or one .gguf file',
    ...(places.length
      ? { hint: 'name one of them' }
      : names.some((name) => name.endsWith('.safetensors'))
        ? { hint: 'config.json, which says what the weights are, is missing: fetch it too' }
        : {}),
  });
}

async function search(folder: string, depth: number): Promise<ModelPlace[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.map((entry) => entry.name);
  if (names.includes('config.json') && (names.includes(singleFile) || names.includes(indexFile))) {
    return [{ format: 'directory', folder }];
  }
  const files = names
    .filter(isGguf)
    .sort()
    .map((name) => ({ format: 'gguf', file: join(folder, name) }) as const);
  if (files.length || depth === deepest) return files;
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const nested = await Promise.all(folders.map((entry) => search(join(folder, entry.name), depth + 1)));
  return nested.flat();
}
