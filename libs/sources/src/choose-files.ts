import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { FoundFiles } from './source.js';

const dataFile = /\.(csv|tsv|json|jsonl|ndjson|parquet|txt|text)(\.(gz|zst))?$/i;
const modelFile = /\.(json|safetensors|model|jinja)$|^(vocab|merges|added_tokens)\.txt$/i;
const isModelWeights = (name: string) => /\.safetensors$/i.test(name);

export const isDataFile = (file: string) => dataFile.test(file);

/** All files below a folder, sorted; hidden ones and Python's own are left out. */
export async function walk(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter(
      (file) =>
        !/(^|[\\/])(\.[^\\/]*|__pycache__|[^\\/]*\.dist-info|node_modules)([\\/]|$)/.test(
          file.slice(folder.length),
        ),
    )
    .sort();
}

/**
 * The base models among files: folders that hold config.json beside *.safetensors, and single .gguf files.
 * Of a folder only what belongs to the model is taken (weights, configuration, tokenizer).
 */
export function modelsAmong(files: readonly string[]): FoundFiles[] {
  const folders = new Map<string, string[]>();
  for (const file of files) folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), file]);
  const directories = [...folders].flatMap(([folder, inside]) => {
    const names = inside.map((file) => basename(file));
    const complete = names.includes('config.json') && names.some(isModelWeights);
    return complete ? [{ folder, files: inside.filter((file) => modelFile.test(basename(file))) }] : [];
  });
  const gguf = files.filter((file) => extname(file).toLowerCase() === '.gguf');
  return [...directories, ...gguf.map((file) => ({ folder: dirname(file), files: [file] }))];
}
