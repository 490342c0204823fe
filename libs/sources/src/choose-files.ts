import { basename, dirname, extname } from 'node:path';
import { unusable } from './not-found.js';
import type { FoundFiles } from './source.js';

const dataFile = /\.(csv|tsv|json|jsonl|ndjson|parquet|txt|text)(\.(gz|zst))?$/i;
const modelFile = /\.(json|safetensors|model|jinja)$|^(vocab|merges|added_tokens)\.txt$/i;
const isModelWeights = (name: string) => /\.safetensors$/i.test(name);

export const isDataFile = (file: string) => dataFile.test(file);

/** Hidden files and folders, and those that tools keep for themselves. */
export const isHidden = (name: string): boolean =>
  name.startsWith('.') || name.endsWith('.dist-info') || ['__pycache__', 'node_modules'].includes(name);

/** Of the files of a folder: those of the model in it, or else its data files. */
export function chooseFiles(folder: string, files: readonly string[], uri: string): FoundFiles {
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

/**
 * The base models among files: folders that hold config.json beside *.safetensors, and single .gguf files.
 * Of a folder only what belongs to the model is taken (weights, configuration, tokenizer).
 */
export function modelsAmong(files: readonly string[]): FoundFiles[] {
  const folders = new Map<string, string[]>();
  for (const file of files) {
    const inside = folders.get(dirname(file));
    if (inside) inside.push(file);
    else folders.set(dirname(file), [file]);
  }
  const directories = [...folders].flatMap(([folder, inside]) => {
    const names = inside.map((file) => basename(file));
    const complete = names.includes('config.json') && names.some(isModelWeights);
    return complete ? [{ folder, files: inside.filter((file) => modelFile.test(basename(file))) }] : [];
  });
  const gguf = files.filter((file) => extname(file).toLowerCase() === '.gguf');
  return [...directories, ...gguf.map((file) => ({ folder: dirname(file), files: [file] }))];
}
